# -DSOUNDINGS_SANITIZE=address,undefined (or thread); empty for none.
set(SOUNDINGS_SANITIZE "" CACHE STRING "sanitizers, comma-separated")
if(SOUNDINGS_SANITIZE)
  add_compile_options(-fsanitize=${SOUNDINGS_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SOUNDINGS_SANITIZE})
endif()

# Preset fuzz: everything is instrumented, fuzz targets alone get the driver.
option(SOUNDINGS_FUZZ "link libFuzzer into the fuzz targets (clang)" OFF)
if(SOUNDINGS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
