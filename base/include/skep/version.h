/// The library's version, as numbers for the preprocessor and as text.
#ifndef SKEP_VERSION_H_
#define SKEP_VERSION_H_

#define SKEP_VERSION_MAJOR 0
#define SKEP_VERSION_MINOR 1
#define SKEP_VERSION_PATCH 0
#define SKEP_VERSION_STRING "0.1.0"

#endif  // SKEP_VERSION_H_
