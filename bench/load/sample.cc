#include "bench/load/sample.h"

#include <cstdint>
#include <string>

#include "bench/support/die.h"

namespace skep::bench {

void CheckStatus(const Answer& answer, int status, const char* what) {
  Check(answer.status == status,
        std::string(what) + " was answered " + std::to_string(answer.status) + ": " + answer.body);
}

Answer Sample(HttpClient* client, const Workload& workload, std::size_t index, int status) {
  constexpr std::uint64_t kSerialOfSamples = 0;
  std::string request;
  workload.AppendRequest(index, kSerialOfSamples, &request);
  Answer answer = client->Call(request);
  CheckStatus(answer, status, request.c_str());
  return answer;
}

Answer SampleForAll(HttpClient* client, Workload* workload, int status) {
  Answer answer = Sample(client, *workload, 0, status);
  workload->expected = {{.status = status, .body_size = answer.body.size(), .body = answer.body}};
  return answer;
}

}  // namespace skep::bench
