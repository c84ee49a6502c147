// Looking at answers in full before they are counted by the thousand.
#ifndef SKEP_BENCH_LOAD_SAMPLE_H_
#define SKEP_BENCH_LOAD_SAMPLE_H_

#include <cstddef>
#include <functional>

#include "bench/load/http_client.h"
#include "bench/load/workload.h"

namespace skep::bench {

/// Ends the process where the answer to `what` has another status.
void CheckStatus(const Answer& answer, int status, const char* what);

/// The answer to request `index`, whose status must be `status`.
Answer Sample(HttpClient* client, const Workload& workload, std::size_t index, int status);

/// The same of a request that reads what was just written, asked again for some seconds until
/// `shows(answer)`: the reference servers read from caches that follow their writes. Ends the
/// process, saying `otherwise`, where it never does.
Answer SampleUntil(HttpClient* client, const Workload& workload, std::size_t index, int status,
                   const std::function<bool(const Answer&)>& shows, const char* otherwise);

/// The answer to the first request; every later one is to be answered as it.
Answer SampleForAll(HttpClient* client, Workload* workload, int status);

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_SAMPLE_H_
