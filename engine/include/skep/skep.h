/// The one include of an embedder. See engine.h for where to begin.
#ifndef SKEP_SKEP_H_
#define SKEP_SKEP_H_

#include "skep/clock.h"
#include "skep/engine.h"
#include "skep/error.h"
#include "skep/kie/config_center.h"
#include "skep/kie/errors.h"
#include "skep/memory_storage.h"
#include "skep/registry/errors.h"
#include "skep/registry/registry.h"
#include "skep/result.h"
#include "skep/storage.h"
#include "skep/tenant.h"
#include "skep/version.h"

#endif  // SKEP_SKEP_H_
