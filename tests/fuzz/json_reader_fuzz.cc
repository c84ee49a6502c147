// Every decoder over the same bytes. What is accepted must hold what the wire promises: text is
// UTF-8, and a service that was read and written again reads back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/codec/json_reader.h"
#include "server/codec/json_writer.h"
#include "server/codec/registry_json.h"
#include "server/codec/registry_json_reader.h"
#include "server/codec/system_json.h"

namespace skep::server {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// Text that is not UTF-8 would be written with replacement characters, and so read back changed.
void CheckText(JsonReader& reader, std::string_view text) {
  std::string written;
  AppendJsonString(text, &written);
  const Result<JsonValue> value = reader.Parse(written);
  Require(value.ok());
  std::string_view read;
  Require(value->Read(&read) && read == text);
}

void CheckService(JsonReader& reader, const Microservice& service) {
  std::string first;
  AppendServiceBody(service, &first);
  const Result<ServiceRegistration> again = ReadServiceRegistration(reader, first);
  Require(again.ok());
  std::string second;
  AppendServiceBody(again->service, &second);
  Require(first == second);
}

void CheckBody(std::string_view body) {
  JsonReader reader;
  JsonReader other;
  if (const auto service = ReadServiceRegistration(reader, body); service.ok()) {
    CheckService(other, service->service);
  }
  if (const auto spec = ReadInstanceRegistration(reader, body); spec.ok()) {
    CheckText(other, spec->host);
    for (const auto& [key, value] : spec->properties) {
      CheckText(other, key);
      CheckText(other, value);
    }
  }
  if (const auto entries = ReadHeartbeatSet(reader, body); entries.ok()) {
    Require(!entries->empty());
    for (const HeartbeatEntry& entry : *entries) CheckText(other, entry.instance_id);
  }
  if (const auto advance = ReadAdvance(reader, body); advance.ok()) Require(advance->count() >= 0);
}

}  // namespace
}  // namespace skep::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  skep::server::CheckBody({reinterpret_cast<const char*>(data), size});
  return 0;
}
