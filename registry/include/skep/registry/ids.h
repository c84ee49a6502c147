/// ServiceId and InstanceId: the two ids of the registry, each with a view that borrows.
///
/// A ServiceId is text: 40 hex digits where the registry made it from the key, else what the client
/// chose. An InstanceId is a 128-bit value where its text is 32 lower-case hex digits (every
/// generated id is), kept in 16 bytes; any other text is kept as it is. Functions take the views,
/// to which the ids convert, so that a call made with text in hand copies nothing:
///
///   registry.instances().Heartbeat(ServiceIdView(path[4]), InstanceIdView(path[6]));
///
/// Thread-safety: values; distinct objects are independent.
#ifndef SKEP_REGISTRY_IDS_H_
#define SKEP_REGISTRY_IDS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace skep {

class ServiceId {
 public:
  ServiceId() = default;
  explicit ServiceId(std::string text) : text_(std::move(text)) {}

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const ServiceId&, const ServiceId&) = default;
  friend auto operator<=>(const ServiceId&, const ServiceId&) = default;

 private:
  std::string text_;
};

/// Borrows the text.
class ServiceIdView {
 public:
  ServiceIdView(const ServiceId& id) : text_(id.str()) {}
  explicit ServiceIdView(std::string_view text) : text_(text) {}

  std::string_view str() const { return text_; }

 private:
  std::string_view text_;
};

class InstanceIdView;

class InstanceId {
 public:
  InstanceId() = default;
  explicit InstanceId(InstanceIdView id);
  explicit InstanceId(std::string_view text);
  InstanceId(std::uint64_t hi, std::uint64_t lo) : hi_(hi), lo_(lo) {}

  /// As on the wire.
  std::string str() const;

  /// No id. The 128-bit value zero is an id like any other only as the text of 32 zeros, which no
  /// generator makes: it counts as empty, too.
  bool empty() const { return hi_ == 0 && lo_ == 0 && text_.empty(); }

  friend bool operator==(const InstanceId&, const InstanceId&) = default;

 private:
  friend class InstanceIdView;

  std::uint64_t hi_ = 0;
  std::uint64_t lo_ = 0;
  std::string text_;  ///< Empty for a 128-bit id.
};

/// A 128-bit value, or borrowed text.
class InstanceIdView {
 public:
  InstanceIdView(const InstanceId& id) : hi_(id.hi_), lo_(id.lo_), text_(id.text_) {}
  explicit InstanceIdView(std::string_view text);
  InstanceIdView(std::uint64_t hi, std::uint64_t lo) : hi_(hi), lo_(lo) {}

  bool is_128_bits() const { return text_.empty(); }
  std::uint64_t hi() const { return hi_; }
  std::uint64_t lo() const { return lo_; }

  /// The text of an id that is not 128 bits; else empty.
  std::string_view text() const { return text_; }

  std::string str() const;
  void AppendTo(std::string* out) const;

  friend bool operator==(const InstanceIdView& a, const InstanceIdView& b) {
    return a.hi_ == b.hi_ && a.lo_ == b.lo_ && a.text_ == b.text_;
  }

 private:
  std::uint64_t hi_ = 0;
  std::uint64_t lo_ = 0;
  std::string_view text_;
};

inline InstanceId::InstanceId(InstanceIdView id) : hi_(id.hi()), lo_(id.lo()), text_(id.text()) {}
inline InstanceId::InstanceId(std::string_view text) : InstanceId(InstanceIdView(text)) {}

}  // namespace skep

#endif  // SKEP_REGISTRY_IDS_H_
