// Looking at answers in full before they are counted by the thousand.
#ifndef SKEP_BENCH_LOAD_SAMPLE_H_
#define SKEP_BENCH_LOAD_SAMPLE_H_

#include <cstddef>

#include "bench/load/http_client.h"
#include "bench/load/workload.h"

namespace skep::bench {

/// Ends the process where the answer to `what` has another status.
void CheckStatus(const Answer& answer, int status, const char* what);

/// The answer to request `index`, whose status must be `status`.
Answer Sample(HttpClient* client, const Workload& workload, std::size_t index, int status);

/// The same of the first request; every later one is to be answered as it.
Answer SampleForAll(HttpClient* client, Workload* workload, int status);

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_SAMPLE_H_
