# Linked by our own targets alone: generated code is not ours to judge.
add_library(soundings_warnings INTERFACE)
target_compile_options(soundings_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wwrite-strings -Wformat=2 -Wvla -Wundef)
