// Words, Instance, InstanceId and ListVersion: the parts of the public value types that need the
// core.
#include "skep/registry/types.h"

#include <charconv>

#include "base/hex.h"
#include "registry/core/instance_record.h"
#include "skep/registry/discovery.h"

namespace skep {

std::string_view ToString(ServiceLevel level) {
  switch (level) {
    case ServiceLevel::kUnset:
      return "";
    case ServiceLevel::kFront:
      return "FRONT";
    case ServiceLevel::kMiddle:
      return "MIDDLE";
    case ServiceLevel::kBack:
      return "BACK";
  }
  return "";
}

std::string_view ToString(ServiceStatus status) {
  switch (status) {
    case ServiceStatus::kUnset:
      return "";
    case ServiceStatus::kUp:
      return "UP";
    case ServiceStatus::kDown:
      return "DOWN";
  }
  return "";
}

std::string_view ToString(InstanceStatus status) {
  switch (status) {
    case InstanceStatus::kUnset:
      return "";
    case InstanceStatus::kUp:
      return "UP";
    case InstanceStatus::kDown:
      return "DOWN";
    case InstanceStatus::kStarting:
      return "STARTING";
    case InstanceStatus::kTesting:
      return "TESTING";
    case InstanceStatus::kOutOfService:
      return "OUTOFSERVICE";
  }
  return "";
}

std::string_view ToString(HealthCheckMode mode) {
  return mode == HealthCheckMode::kPush ? "push" : "pull";
}

InstanceIdView::InstanceIdView(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  if (text.size() == kDigits) {
    const auto hi = base::ParseHex64(text.data());
    const auto lo = base::ParseHex64(text.data() + kDigits / 2);
    if (hi.has_value() && lo.has_value()) {
      hi_ = *hi;
      lo_ = *lo;
      return;
    }
  }
  text_ = text;
}

void InstanceIdView::AppendTo(std::string* out) const {
  if (!text_.empty()) {
    out->append(text_);
  } else if (hi_ != 0 || lo_ != 0) {
    char digits[32];
    base::AppendHex64(hi_, digits);
    base::AppendHex64(lo_, digits + 16);
    out->append(digits, sizeof digits);
  }
}

std::string InstanceIdView::str() const {
  std::string text;
  AppendTo(&text);
  return text;
}

std::string InstanceId::str() const { return InstanceIdView(*this).str(); }

Instance::Instance(const core::InstanceRecord* record) : record_(record) {}
Instance::Instance(const Instance& other) : record_(other.record_) {
  if (record_ != nullptr) record_->Ref();
}
Instance::~Instance() {
  if (record_ != nullptr) record_->Unref();
}

InstanceIdView Instance::id() const { return record_->id(); }
std::string_view Instance::service_id() const { return record_->service->id; }
std::string_view Instance::host() const { return record_->host(); }
PackedTexts Instance::endpoints() const { return record_->endpoints(); }
InstanceStatus Instance::status() const { return record_->status; }
PackedTexts Instance::properties() const { return record_->properties(); }
HealthCheckMode Instance::health_check_mode() const { return record_->check_mode; }
std::int64_t Instance::health_check_port() const { return record_->check_port; }
std::int64_t Instance::health_check_interval_s() const { return record_->check_interval_s; }
std::int64_t Instance::health_check_times() const { return record_->check_times; }
std::string_view Instance::health_check_url() const { return record_->url(); }
bool Instance::has_data_center() const { return !record_->data_center(0).empty(); }
std::string_view Instance::data_center_name() const { return record_->data_center(0); }
std::string_view Instance::data_center_region() const { return record_->data_center(1); }
std::string_view Instance::data_center_zone() const { return record_->data_center(2); }
std::string_view Instance::version() const { return record_->service->version; }
std::chrono::sys_seconds Instance::created() const {
  return std::chrono::sys_seconds(std::chrono::seconds(record_->created_s));
}
std::chrono::sys_seconds Instance::modified() const {
  return std::chrono::sys_seconds(std::chrono::seconds(record_->modified_s));
}
Revision Instance::revision() const { return record_->revision; }
Millis Instance::lease() const { return record_->lease; }
const MemoSlot& Instance::memo() const { return record_->memo; }

std::size_t ListVersion::Write(char* out) const {
  constexpr std::size_t kNumberMax = 20;
  char* end = std::to_chars(out, out + kNumberMax, revision_.number()).ptr;
  if (selection_ != 0) {
    *end++ = '-';
    base::AppendHex64(selection_, end);
    end += 16;
  }
  return static_cast<std::size_t>(end - out);
}

namespace {
constexpr std::size_t kListVersionMax = 37;
}

std::string ListVersion::str() const {
  char text[kListVersionMax];
  return {text, Write(text)};
}

bool ListVersion::Is(std::string_view text) const {
  char own[kListVersionMax];
  return text == std::string_view(own, Write(own));
}

}  // namespace skep
