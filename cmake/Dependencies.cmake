# Everything from Debian; scripts/packages is the list that setup installs.
find_package(PkgConfig REQUIRED)

foreach(module libzmq libprotobuf-c lmdb libsodium libutf8proc libcyaml
               jansson smartcols xlsxwriter libzip expat gumbo libytnef
               gmime-3.0)
  string(REGEX REPLACE "^lib|-3.0$" "" name ${module})
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
endforeach()
pkg_check_modules(systemd IMPORTED_TARGET libsystemd)

# These come without a pkg-config file.
function(soundings_plain_library name header library)
  find_path(${name}_INCLUDE ${header} REQUIRED)
  find_library(${name}_LIBRARY ${library} REQUIRED)
  add_library(plain::${name} INTERFACE IMPORTED)
  target_include_directories(plain::${name} SYSTEM INTERFACE ${${name}_INCLUDE})
  target_link_libraries(plain::${name} INTERFACE ${${name}_LIBRARY})
endfunction()
soundings_plain_library(roaring roaring/roaring.h roaring)
soundings_plain_library(stemmer libstemmer.h stemmer)
soundings_plain_library(linear linear.h linear)
soundings_plain_library(csv csv.h csv)

find_program(PROTOC_C protoc-c REQUIRED)
