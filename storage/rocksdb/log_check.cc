#include "storage/rocksdb/log_check.h"

#include <algorithm>
#include <array>
#include <memory>

namespace skep::storage {
namespace {

constexpr std::size_t kHeaderBytes = 7;
enum FragmentType : std::uint8_t { kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint32_t NumberAt(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (std::size_t i = size; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

// Of CRC-32C, eight bytes at once: tables[k][b] is what the byte b does, k bytes further on.
using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr CrcTables MakeCrcTables() {
  constexpr std::uint32_t kPolynomial = 0x82f63b78;
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = before >> 8 ^ tables[0][before & 0xff];
    }
  }
  return tables;
}
constexpr CrcTables kCrc = MakeCrcTables();

std::uint32_t Crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    const std::uint32_t low = crc ^ NumberAt(bytes, at, 4);
    const std::uint32_t high = NumberAt(bytes, at + 4, 4);
    crc = kCrc[7][low & 0xff] ^ kCrc[6][low >> 8 & 0xff] ^ kCrc[5][low >> 16 & 0xff] ^
          kCrc[4][low >> 24] ^ kCrc[3][high & 0xff] ^ kCrc[2][high >> 8 & 0xff] ^
          kCrc[1][high >> 16 & 0xff] ^ kCrc[0][high >> 24];
  }
  for (; at < bytes.size(); ++at) {
    crc = crc >> 8 ^ kCrc[0][(crc ^ static_cast<unsigned char>(bytes[at])) & 0xff];
  }
  return ~crc;
}

// As it is kept beside what it is of.
std::uint32_t Masked(std::uint32_t crc) {
  constexpr std::uint32_t kShift = 0xa282ead8;
  return (crc >> 15 | crc << 17) + kShift;
}

enum class Fragment { kGood, kBad, kCutOff };

// The one at the beginning of `rest`, which ends with its block; `type` and `bytes` where it is
// good.
Fragment Read(std::string_view rest, bool is_last_block, std::uint8_t* type,
              std::string_view* bytes) {
  *type = static_cast<std::uint8_t>(rest[6]);
  const std::size_t length = NumberAt(rest, 4, 2);
  if (*type < kWhole || *type > kLast) return Fragment::kBad;
  if (kHeaderBytes + length > rest.size()) {
    return is_last_block ? Fragment::kCutOff : Fragment::kBad;
  }
  if (Masked(Crc32c(rest.substr(kHeaderBytes - 1, 1 + length))) != NumberAt(rest, 0, 4)) {
    return Fragment::kBad;
  }
  *bytes = rest.substr(kHeaderBytes, length);
  return Fragment::kGood;
}

// A record is RocksDB's batch: sequence (8), count (4), entries; a mark is an entry.
bool IsUnsynced(std::string_view record) {
  constexpr std::size_t kEntries = 12;
  constexpr char kMark = 3;
  return record.size() > kEntries + 1 && record[kEntries] == kMark &&
         record.substr(kEntries + 2).starts_with(kUnsyncedMark);
}

}  // namespace

void LogCheck::Add(std::string_view block) {
  const bool is_last = block.size() < kBlockBytes;
  std::size_t at = 0;
  while (at + kHeaderBytes <= block.size()) {
    std::uint8_t type = 0;
    std::string_view bytes;
    const Fragment fragment = Read(block.substr(at), is_last, &type, &bytes);
    if (fragment == Fragment::kGood) {
      Take(type, bytes);
      at += kHeaderBytes + bytes.size();
      continue;
    }
    // From damage on, what begins somewhere behind it is found by its own sum.
    if (fragment == Fragment::kCutOff && !bad_.has_value()) break;
    Bad(begin_ + at);
    ++at;
  }
  begin_ += block.size();
}

void LogCheck::Take(std::uint8_t type, std::string_view bytes) {
  const bool begins = type == kWhole || type == kFirst;
  // What has begun without an end was the last thing in its time.
  if (begins && IsUnsynced(bytes)) unsynced_ = true;
  if (type == kWhole || (type == kLast && open_)) later_ = later_ || bad_.has_value();
  open_ = type == kFirst || (type == kMiddle && open_);
}

void LogCheck::Bad(std::uint64_t at) {
  if (!bad_.has_value()) bad_ = at;
  open_ = false;
}

std::optional<std::uint64_t> LogCheck::damage() const {
  return later_ && !unsynced_ ? bad_ : std::nullopt;
}

rocksdb::Status CheckLog(rocksdb::Env* env, const std::string& path) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status status = env->NewSequentialFile(path, &file, rocksdb::EnvOptions());
  std::string buffer(LogCheck::kBlockBytes, '\0');
  LogCheck check;
  rocksdb::Slice block;
  do {
    if (status.ok()) status = file->Read(buffer.size(), &block, buffer.data());
    if (!status.ok()) return status;
    check.Add({block.data(), block.size()});
  } while (block.size() == LogCheck::kBlockBytes);
  if (!check.damage().has_value()) return rocksdb::Status::OK();
  return rocksdb::Status::Corruption(path + " is damaged at byte " +
                                     std::to_string(*check.damage()));
}

}  // namespace skep::storage
