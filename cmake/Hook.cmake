# soundings-mail-read runs once a message, and three quarters of its time went
# into loading 42 shared libraries, most of them for what it never does. So it
# is linked with their archives, which Debian's -dev packages have, and with
# producers/mail_absent.c for what even the archives want and it never calls.
# The C library stays shared: it loads its character sets at run time.
#
# The price: an update of GMime or ZeroMQ reaches the hook when it is built
# again. -DSOUNDINGS_HOOK_STATIC=OFF links it as everything else is linked.
set(SOUNDINGS_HOOK_STATIC AUTO CACHE STRING
    "link the mail hook's libraries into it: AUTO, ON or OFF")
set(SOUNDINGS_HOOK_LIBRARIES)

include(CheckLinkerFlag)
function(soundings_hook_archives out)
  set(found)
  foreach(name zmq gmime-3.0 gobject-2.0 glib-2.0 gumbo ytnef protobuf-c
               sodium utf8proc pcre2-8 ffi bsd md z stdc++)
    execute_process(
      COMMAND ${CMAKE_C_COMPILER} -print-file-name=lib${name}.a
      OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT IS_ABSOLUTE "${path}")
      set(${out} PARENT_SCOPE)
      message(STATUS "mail hook: shared libraries (no lib${name}.a)")
      return()
    endif()
    list(APPEND found ${path})
  endforeach()
  # A page of addresses to be put right instead of fifty.
  check_linker_flag(C -Wl,-z,pack-relative-relocs SOUNDINGS_HOOK_PACKED)
  if(SOUNDINGS_HOOK_PACKED)
    list(APPEND found -Wl,-z,pack-relative-relocs)
  endif()
  set(${out} -Wl,--start-group ${found} -Wl,--end-group m -static-libgcc
      PARENT_SCOPE)
endfunction()

# Sanitizers want to see into the libraries.
if(SOUNDINGS_HOOK_STATIC STREQUAL "AUTO" AND NOT SOUNDINGS_SANITIZE
   OR SOUNDINGS_HOOK_STATIC STREQUAL "ON")
  soundings_hook_archives(archives)
  if(archives AND NOT DEFINED SOUNDINGS_HOOK_LINKS)
    try_compile(SOUNDINGS_HOOK_LINKS ${PROJECT_BINARY_DIR}/hook
      SOURCES ${PROJECT_SOURCE_DIR}/cmake/hook_links.c
              ${PROJECT_SOURCE_DIR}/producers/mail_absent.c
      LINK_LIBRARIES ${archives}
      CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${gmime_INCLUDE_DIRS}"
      OUTPUT_VARIABLE why)
    if(NOT SOUNDINGS_HOOK_LINKS)
      message(STATUS "mail hook: shared libraries (archives do not link)")
      message(VERBOSE "${why}")
    endif()
  endif()
  if(archives AND SOUNDINGS_HOOK_LINKS)
    set(SOUNDINGS_HOOK_LIBRARIES ${archives})
  elseif(SOUNDINGS_HOOK_STATIC STREQUAL "ON")
    message(FATAL_ERROR "SOUNDINGS_HOOK_STATIC: not possible here")
  endif()
endif()
