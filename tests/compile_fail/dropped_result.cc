// A Result that nobody looks at does not compile.
#include "skep/error.h"
#include "skep/result.h"

skep::Status Refuse();
skep::Result<int> Count();

bool Use() {
#if defined(SKEP_MISUSE)
  Refuse();
  Count();
#endif
  return Refuse().ok() && Count().ok();
}
