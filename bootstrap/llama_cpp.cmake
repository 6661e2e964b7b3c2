# CMake reads this in the middle of llama.cpp's own project (CMAKE_PROJECT_ggml_INCLUDE).
#
# With AVX-512, llama.cpp's product of 8-bit weights with a few columns takes four columns at a time. For small models
# that is slower than two at a time, as it does without: measured with 8 columns of SmolLM2's output layer, 8.4 against
# 5.3 ms, a twentieth of a step of eight writers.

function(localswarm_quick_products)
    if(TARGET ggml-cpu)
        set_property(
            SOURCE ${ggml_SOURCE_DIR}/src/ggml-cpu/llamafile/sgemm.cpp TARGET_DIRECTORY ggml-cpu
            APPEND PROPERTY COMPILE_OPTIONS -mno-avx512f)
    endif()
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang" AND NOT MSVC)
    # At the end of the project, when its targets are known.
    cmake_language(DEFER CALL localswarm_quick_products)
endif()
