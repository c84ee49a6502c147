/// Tenant: the pair domain/project that parts all data of an engine.
///
/// The two halves are the X-Domain-Name header and the project segment of a v4 path
/// (API manual, chapter 8.1). default/default is the tenant of everyone who names none.
#ifndef SKEP_TENANT_H_
#define SKEP_TENANT_H_

#include <string>

namespace skep {

struct Tenant {
  std::string domain = "default";
  std::string project = "default";

  friend bool operator==(const Tenant&, const Tenant&) = default;
  friend auto operator<=>(const Tenant&, const Tenant&) = default;
};

}  // namespace skep

#endif  // SKEP_TENANT_H_
