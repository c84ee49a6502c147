// RecordWriter and RecordReader: the bytes of stored records.
//
// A record begins with a byte that says which version of its layout follows. Numbers take one byte
// for each seven bits, texts are a number and as many bytes; there are no names and no padding:
//
//   version 1, number 300, text "ab"   ->   01  AC 02  02 61 62
//
// The reader never looks beyond its end. What does not fit makes it fail, once and for all: from
// then on it hands out zeros and empty texts, so that its user asks once, at the end.
#ifndef SKEP_BASE_RECORD_BYTES_H_
#define SKEP_BASE_RECORD_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "skep/result.h"
#include "skep/tenant.h"

namespace skep::base {

/// Appends to a text that its caller owns.
class RecordWriter {
 public:
  explicit RecordWriter(std::string* out) : out_(out) {}

  void Byte(std::uint8_t byte) { out_->push_back(static_cast<char>(byte)); }
  void Bool(bool value) { Byte(value ? 1 : 0); }
  void Number(std::uint64_t number);
  /// Small where the number is near zero, on either side.
  void Signed(std::int64_t number);
  void Text(std::string_view text);
  /// Eight bytes, the highest first: as a part of a key they sort as the numbers do.
  void SortedNumber(std::uint64_t number);

 private:
  std::string* out_;
};

class RecordReader {
 public:
  /// Borrows the bytes; the texts that it hands out do, too.
  explicit RecordReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t Byte();
  bool Bool();
  std::uint64_t Number();
  std::int64_t Signed();
  std::string_view Text();
  std::uint64_t SortedNumber();

  /// A number of things of which each takes a byte at least. More than the rest could hold fail.
  std::size_t Count();

  /// The byte of a word of `count` words, numbered from 0. Another one fails.
  template <class Enum>
  Enum Word(Enum last) {
    const std::uint8_t byte = Byte();
    if (byte > static_cast<std::uint8_t>(last)) Fail();
    return ok_ ? static_cast<Enum>(byte) : Enum{};
  }

  /// The first byte of a record. Zero, and what is newer than `newest`, fail.
  std::uint8_t Version(std::uint8_t newest);

  /// For who finds a value that cannot be.
  void Fail() {
    ok_ = false;
    rest_ = {};
  }

  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }
  /// All was there, and nothing is left.
  bool Finished() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

/// The layouts' version that a program writes, and the newest that it reads.
inline constexpr std::uint8_t kRecordVersion = 1;

/// A key of a tenant's: the kind, then the tenant; more may be added to it.
std::string RecordKey(std::string_view kind, const Tenant& tenant);

/// Behind the kind of a key; a key of another kind fails.
RecordReader InKey(std::string_view kind, std::string_view key);

/// Behind the version of a record.
RecordReader InRecord(std::string_view value);

/// A record that cannot be read: kStorageNewer where its version says so, else kStorageCorrupt. The
/// detail names the key.
Error BadRecord(std::string_view key, std::string_view value);

/// The same of one that can be read and makes no sense beside the others.
Error BadRecord(std::string_view key, std::string_view value, std::string_view why);

/// Calls fn(key, value), which returns a Status, on each record of a storage whose key has the
/// prefix. The first error ends it.
template <class Storage, class Fn>
Status ForEachRecord(const Storage& storage, std::string_view prefix, Fn&& fn) {
  Status status;
  const auto read = [&](std::string_view key, std::string_view value) {
    status = fn(key, value);
    return status.ok();
  };
  if (Status scanned = storage.Scan(prefix, read); !scanned.ok()) return scanned;
  return status;
}

/// A key for eyes: bytes that are no plain characters as \xNN, at most the first few hundred.
std::string PrintableKey(std::string_view key);

}  // namespace skep::base

#endif  // SKEP_BASE_RECORD_BYTES_H_
