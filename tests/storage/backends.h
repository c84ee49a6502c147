// Backend: one storage of a kind, to be opened and opened anew. AllBackends has a maker of each
// kind that this build knows.
#ifndef SKEP_TESTS_STORAGE_BACKENDS_H_
#define SKEP_TESTS_STORAGE_BACKENDS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "skep/storage.h"

namespace skep::testing {

class Backend {
 public:
  virtual ~Backend() = default;
  virtual Storage& storage() = 0;
  /// Closes it and opens it as another process would.
  virtual void Reopen() = 0;
};

struct BackendFactory {
  std::string name;
  std::function<std::unique_ptr<Backend>()> make;
};

std::vector<BackendFactory> AllBackends();

}  // namespace skep::testing

#endif  // SKEP_TESTS_STORAGE_BACKENDS_H_
