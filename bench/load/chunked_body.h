// ChunkedBody: takes the chunks of an answer apart that comes without a length, as the reference
// servers send what is long.
//
// Thread-safety: none.
#ifndef SKEP_BENCH_LOAD_CHUNKED_BODY_H_
#define SKEP_BENCH_LOAD_CHUNKED_BODY_H_

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "bench/support/die.h"

namespace skep::bench {

class ChunkedBody {
 public:
  /// Takes what there is of one body off the front of `bytes` and calls take(part) for each part
  /// of its content. True: the body is complete, the next one may begin.
  template <class Take>
  bool Consume(std::string_view* bytes, Take&& take) {
    while (!bytes->empty()) {
      if (left_ > 0) {
        TakeContent(bytes, take);
      } else if (TakeLine(bytes) && AfterLine()) {
        return true;
      }
    }
    return false;
  }

 private:
  enum class At { kSize, kEndOfChunk, kTrailer };
  static constexpr std::size_t kLineMax = 4096;

  template <class Take>
  void TakeContent(std::string_view* bytes, Take& take) {
    const std::string_view part = bytes->substr(0, left_);
    take(part);
    left_ -= part.size();
    bytes->remove_prefix(part.size());
  }

  // True: line_ is complete.
  bool TakeLine(std::string_view* bytes) {
    const std::size_t end = bytes->find('\n');
    line_.append(bytes->substr(0, end));
    bytes->remove_prefix(end == std::string_view::npos ? bytes->size() : end + 1);
    Check(line_.size() <= kLineMax, "a chunk's line without end");
    return end != std::string_view::npos;
  }

  // True: it was the body's last line.
  bool AfterLine() {
    if (line_.ends_with('\r')) line_.pop_back();
    const std::string line = std::exchange(line_, {});
    switch (at_) {
      case At::kSize:
        left_ = SizeOf(line);
        at_ = left_ > 0 ? At::kEndOfChunk : At::kTrailer;
        return false;
      case At::kEndOfChunk:
        Check(line.empty(), "a chunk longer than it says");
        at_ = At::kSize;
        return false;
      case At::kTrailer:
        if (line.empty()) at_ = At::kSize;
        return line.empty();
    }
    return false;
  }

  static std::size_t SizeOf(const std::string& line) {
    std::size_t size = 0;
    const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    Check(failure == std::errc(), "not a chunk's size: " + line);
    return size;
  }

  At at_ = At::kSize;
  std::size_t left_ = 0;
  std::string line_;
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_CHUNKED_BODY_H_
