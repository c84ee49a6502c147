// The body of a dump of everything that is registered (spec 12.3), in the shape that the
// reference's tools read: items with the keys under which its store has them.
#ifndef SKEP_SERVER_CODEC_DUMP_JSON_H_
#define SKEP_SERVER_CODEC_DUMP_JSON_H_

#include <optional>
#include <string>
#include <vector>

#include "server/codec/sliced_text.h"
#include "skep/registry/govern.h"
#include "skep/tenant.h"

namespace skep::server {

/// A tenant with its microservices, their instances and provider keys.
struct TenantDump {
  Tenant tenant{};
  std::vector<ServiceDetail> services{};
};

enum class BuildInfo { kHide, kShow };

struct Dump {
  BuildInfo info = BuildInfo::kHide;
  std::optional<std::vector<TenantDump>> cache{};
};

/// {"info":{...},"cache":{"services":[{"key":"...","rev":1,"cluster":"default","value":{...}}]}}.
/// Lists without items are left out.
SlicedText DumpText(Dump dump, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_DUMP_JSON_H_
