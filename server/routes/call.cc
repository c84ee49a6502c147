#include "server/routes/call.h"

#include <string>

#include "server/codec/ascii_case.h"

namespace skep::server {
namespace {

constexpr std::string_view kDefault = "default";

void TakeFirst(std::string_view value, bool* taken, std::string_view* out) {
  if (*taken) return;
  *taken = true;
  *out = value;
}

}  // namespace

ClientFields ReadClientFields(const HttpRequest& request) {
  ClientFields out;
  bool has_origin = false;
  bool has_domain = false;
  bool has_tenant = false;
  bool has_consumer = false;
  bool has_encodings = false;
  for (const HttpField& field : request.fields) {
    // One look at the length spares most fields any comparison.
    switch (field.name.size()) {
      case 6:
        if (EqualsIgnoringCase(field.name, "Origin")) {
          TakeFirst(field.value, &has_origin, &out.origin);
        }
        break;
      case 12:
        if (EqualsIgnoringCase(field.name, "X-ConsumerId")) {
          TakeFirst(field.value, &has_consumer, &out.consumer);
        }
        break;
      case 13:
        if (EqualsIgnoringCase(field.name, "X-Domain-Name")) {
          TakeFirst(field.value, &has_domain, &out.domain);
        } else if (EqualsIgnoringCase(field.name, "X-Tenant-Name")) {
          TakeFirst(field.value, &has_tenant, &out.tenant);
        }
        break;
      case 15:
        if (EqualsIgnoringCase(field.name, "Accept-Encoding")) {
          TakeFirst(field.value, &has_encodings, &out.encodings);
        }
        break;
      default:
        break;
    }
  }
  return out;
}

bool Call::is_default_tenant() const {
  return (fields.domain.empty() || fields.domain == kDefault) && parameters[0] == kDefault;
}

ConfigCenter Call::config() const {
  // A copy of the engine's own view knows where its tenant is.
  if (parameters[0] == kDefault) return context.engine.config();
  return context.engine.config(
      Tenant{.domain = std::string(kDefault), .project = std::string(parameters[0])});
}

Registry& Call::registry() {
  if (is_default_tenant()) return context.engine.registry();
  if (!other_tenant.has_value()) {
    const std::string_view domain = fields.domain.empty() ? kDefault : fields.domain;
    other_tenant.emplace(context.engine.registry(
        Tenant{.domain = std::string(domain), .project = std::string(parameters[0])}));
  }
  return *other_tenant;
}

}  // namespace skep::server
