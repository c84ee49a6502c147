// Workload: the requests of one scenario, ready to be sent, and what must come back.
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
};

struct Workload {
  std::string description;  ///< For the reader of the figures.

  /// Requests that differ in one place alone are kept as one text and what goes into that place:
  /// a million of them must not wash the generator's caches.
  std::string frame;
  std::size_t hole_at = 0;
  std::size_t hole_size = 0;
  std::string fillings;  ///< hole_size bytes for each request.

  /// Requests of different lengths are kept whole; `frame` is empty then.
  std::vector<std::string> whole;

  /// One for each request, or one for all.
  std::vector<ExpectedAnswer> expected;

  std::size_t size() const {
    if (!whole.empty()) return whole.size();
    return hole_size == 0 ? 1 : fillings.size() / hole_size;
  }
  void AppendRequest(std::size_t index, std::string* out) const;
  const ExpectedAnswer& ExpectedFor(std::size_t index) const {
    return expected.size() == 1 ? expected.front() : expected[index];
  }
};

struct WorkloadOptions {
  std::string target;  ///< "host:port"
  std::string scenario = "heartbeat";
  std::string path = "/";          ///< Of the scenario raw.
  std::size_t instances = 10'000;  ///< That send heartbeats.
  std::size_t services = 10;       ///< That are looked for.
  std::uint64_t seed = 1;
};

/// The scenarios, between commas; README.md says what each asks.
std::string ScenarioNames();

/// Registers at the target what the scenario asks for (anew or over what an earlier run left),
/// looks at one answer of each kind in full, and returns the requests. Ends the process where the
/// target answers wrongly.
Workload PrepareWorkload(const WorkloadOptions& options);

/// The same requests sent to the floor, which answers each with 200 and a body of that size.
Workload ForFloor(const Workload& workload);

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_WORKLOAD_H_
