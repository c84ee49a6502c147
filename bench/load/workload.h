// Workload: the requests of one kind, ready to be sent, and what must come back.
#ifndef SKEP_BENCH_LOAD_WORKLOAD_H_
#define SKEP_BENCH_LOAD_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skep::bench {

struct ExpectedAnswer {
  int status = 200;
  std::size_t body_size = 0;
  /// The body where it is compared byte by byte, which the first answer on each connection is.
  /// Empty: its size alone is.
  std::string body{};
  /// By how much the body's size may differ, up or down: it shows numbers that grow, or a set that
  /// is changed meanwhile.
  std::size_t slack = 0;
  /// 304 without a body is right, too.
  bool or_not_modified = false;
};

struct Workload {
  std::string description{};  ///< For the reader of the figures.

  /// Requests that differ in one place alone are kept as one text and what goes into that place:
  /// a million of them must not wash the generator's caches.
  std::string frame{};
  std::size_t hole_at = 0;
  std::size_t hole_size = 0;
  std::string fillings{};  ///< hole_size bytes for each request.

  /// Requests of different lengths are kept whole; `frame` is empty then.
  std::vector<std::string> whole{};

  /// Where each request has 16 digits that no other one has: what is registered or put is new then.
  std::vector<std::size_t> serials_at{};

  /// Polls are sent with the revision that the last answer to the same request told in this field.
  /// Empty: requests stay as they are.
  std::string revision_field{};
  std::vector<std::size_t> revision_at{};  ///< Where it goes, for each of `whole`.
  std::vector<std::string> revisions{};    ///< Those that are known at first.

  /// One for each request, or one for all.
  std::vector<ExpectedAnswer> expected{};

  std::size_t size() const {
    if (!whole.empty()) return whole.size();
    return hole_size == 0 ? 1 : fillings.size() / hole_size;
  }
  /// Appends request `index`, as the one that `serial` tells apart from all others.
  void AppendRequest(std::size_t index, std::uint64_t serial, std::string* out) const;
  const ExpectedAnswer& ExpectedFor(std::size_t index) const {
    return expected.size() == 1 ? expected.front() : expected[index];
  }

  /// Adds a request that is a poll: `revision` of `field` goes to the end of its target.
  void AddPoll(std::string request, std::string_view field, std::string revision);

  /// Takes `request` for the frame, with a hole where `filling` is found first.
  void SetFrame(std::string request, std::string_view filling);
  /// Takes note of the places where the requests have `mark`, which must have 16 bytes: the same
  /// places in all of them.
  void SetSerials(std::string_view mark);
};

/// The same requests sent to the floor, which answers each with 200 and a body of the size of the
/// first. Polls are not for it: it tells no revision.
Workload ForFloor(const Workload& workload);

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_WORKLOAD_H_
