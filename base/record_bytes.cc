#include "base/record_bytes.h"

#include "base/hex.h"

namespace skep::base {
namespace {

constexpr int kBitsOfByte = 7;
constexpr std::uint8_t kMore = 0x80;

}  // namespace

void RecordWriter::Number(std::uint64_t number) {
  char bytes[10];
  std::size_t size = 0;
  while (number >= kMore) {
    bytes[size++] = static_cast<char>(number | kMore);
    number >>= kBitsOfByte;
  }
  bytes[size++] = static_cast<char>(number);
  out_->append(bytes, size);
}

// Zero, -1, 1, -2, ... become 0, 1, 2, 3, ...
void RecordWriter::Signed(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  Number(number < 0 ? ~(bits << 1) : bits << 1);
}

void RecordWriter::Text(std::string_view text) {
  Number(text.size());
  out_->append(text);
}

void RecordWriter::SortedNumber(std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) Byte(static_cast<std::uint8_t>(number >> shift));
}

std::uint8_t RecordReader::Byte() {
  if (rest_.empty()) {
    Fail();
    return 0;
  }
  const auto byte = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return byte;
}

bool RecordReader::Bool() {
  const std::uint8_t byte = Byte();
  if (byte > 1) Fail();
  return byte == 1;
}

std::uint64_t RecordReader::Number() {
  std::uint64_t number = 0;
  for (int shift = 0; shift < 64; shift += kBitsOfByte) {
    const std::uint8_t byte = Byte();
    const std::uint64_t bits = byte & (kMore - 1);
    if (bits << shift >> shift != bits) break;  // Bits beyond the 64th.
    number |= bits << shift;
    if (byte < kMore) return number;
  }
  Fail();
  return 0;
}

std::int64_t RecordReader::Signed() {
  const std::uint64_t bits = Number();
  return static_cast<std::int64_t>((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1);
}

std::string_view RecordReader::Text() {
  const std::uint64_t size = Number();
  if (size > rest_.size()) {
    Fail();
    return {};
  }
  const std::string_view text = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(text.size());
  return text;
}

std::uint64_t RecordReader::SortedNumber() {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | Byte();
  return ok_ ? number : 0;
}

std::size_t RecordReader::Count() {
  const std::uint64_t count = Number();
  if (count > rest_.size()) Fail();
  return ok_ ? static_cast<std::size_t>(count) : 0;
}

std::uint8_t RecordReader::Version(std::uint8_t newest) {
  const std::uint8_t version = Byte();
  if (version == 0 || version > newest) Fail();
  return ok_ ? version : 0;
}

std::string RecordKey(std::string_view kind, const Tenant& tenant) {
  std::string key(kind);
  RecordWriter out(&key);
  out.Text(tenant.domain);
  out.Text(tenant.project);
  return key;
}

RecordReader InKey(std::string_view kind, std::string_view key) {
  if (key.starts_with(kind)) return RecordReader(key.substr(kind.size()));
  RecordReader none("");
  none.Fail();
  return none;
}

RecordReader InRecord(std::string_view value) {
  RecordReader in(value);
  in.Version(kRecordVersion);
  return in;
}

Error BadRecord(std::string_view key, std::string_view value, std::string_view why) {
  const std::string name = "the record " + PrintableKey(key);
  const auto version = value.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(value.front());
  if (version > kRecordVersion) {
    return {EngineErrc::kStorageNewer, name + " has version " + std::to_string(version) +
                                           "; this program knows those up to " +
                                           std::to_string(kRecordVersion) + ", take a newer one"};
  }
  return {EngineErrc::kStorageCorrupt, name + " " + std::string(why)};
}

Error BadRecord(std::string_view key, std::string_view value) {
  return BadRecord(key, value, "cannot be read");
}

std::string PrintableKey(std::string_view key) {
  constexpr std::size_t kBytesMax = 300;
  std::string text;
  for (const char c : key.substr(0, kBytesMax)) {
    if (c > ' ' && c <= '~' && c != '\\') {
      text += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    text += {'\\', 'x', kHexDigits[byte >> 4], kHexDigits[byte & 0xf]};
  }
  if (key.size() > kBytesMax) text += "...";
  return text;
}

}  // namespace skep::base
