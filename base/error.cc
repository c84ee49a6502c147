#include "skep/error.h"

namespace skep {
namespace {

class EngineCategoryImpl final : public std::error_category {
 public:
  const char* name() const noexcept override { return "skep.engine"; }

  std::string message(int code) const override {
    switch (static_cast<EngineErrc>(code)) {
      case EngineErrc::kClosed:
        return "the engine is closed";
      case EngineErrc::kInvalidOptions:
        return "invalid option";
      case EngineErrc::kAddressInUse:
        return "address in use";
      case EngineErrc::kAddressInvalid:
        return "invalid address";
      case EngineErrc::kSystem:
        return "system error";
      case EngineErrc::kUnsupported:
        return "not supported by this storage";
      case EngineErrc::kStorageFailed:
        return "the storage has failed";
      case EngineErrc::kStorageBusy:
        return "the storage is busy";
      case EngineErrc::kStorageInUse:
        return "the storage is in use";
      case EngineErrc::kStorageNewer:
        return "the storage is of a newer version";
      case EngineErrc::kStorageCorrupt:
        return "the storage is corrupt";
    }
    return "unknown error";
  }
};

}  // namespace

const std::error_category& EngineCategory() {
  static const EngineCategoryImpl category;
  return category;
}

std::error_code make_error_code(EngineErrc code) {
  return {static_cast<int>(code), EngineCategory()};
}

std::string Error::ToString() const {
  std::string line = std::to_string(code_.value()) + " " + code_.message();
  if (!detail_.empty()) line += ": " + detail_;
  return line;
}

}  // namespace skep
