#include "bench/load/sample.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "bench/support/die.h"

namespace skep::bench {

void CheckStatus(const Answer& answer, int status, const char* what) {
  Check(answer.status == status,
        std::string(what) + " was answered " + std::to_string(answer.status) + ": " + answer.body);
}

namespace {

constexpr std::uint64_t kSerialOfSamples = 0;
// A service-center shows what was registered after 0.3 s, and what is gone after 2.5.
constexpr std::chrono::seconds kFollowsWithin{5};
constexpr std::chrono::milliseconds kBetweenLooks{20};

std::string RequestOf(const Workload& workload, std::size_t index) {
  std::string request;
  workload.AppendRequest(index, kSerialOfSamples, &request);
  return request;
}

}  // namespace

Answer Sample(HttpClient* client, const Workload& workload, std::size_t index, int status) {
  const std::string request = RequestOf(workload, index);
  Answer answer = client->Call(request);
  CheckStatus(answer, status, (client->address() + " asked " + request).c_str());
  return answer;
}

Answer SampleUntil(HttpClient* client, const Workload& workload, std::size_t index, int status,
                   const std::function<bool(const Answer&)>& shows, const char* otherwise) {
  const std::string request = RequestOf(workload, index);
  const auto until = std::chrono::steady_clock::now() + kFollowsWithin;
  while (true) {
    Answer answer = client->Call(request);
    const bool right = answer.status == status;
    if (right && shows(answer)) return answer;
    if (std::chrono::steady_clock::now() >= until) {
      CheckStatus(answer, status, (client->address() + " asked " + request).c_str());
      Die("wrong answer: " + std::string(otherwise) + ", of " + client->address() + " to " +
          request);
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

Answer SampleForAll(HttpClient* client, Workload* workload, int status) {
  Answer answer = Sample(client, *workload, 0, status);
  workload->expected = {{.status = status, .body_size = answer.body.size(), .body = answer.body}};
  return answer;
}

}  // namespace skep::bench
