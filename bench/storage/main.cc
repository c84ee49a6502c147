// skep_commits: durable changes a second through the committer, with so many of them waiting at
// once, beside their floor: the same changes by a single writer, each with a sync of its own, in
// the same folder. And beside the same without any sync.
//
// The changes come from one thread, as from a server's: a change is followed by the next when it
// was acknowledged. Rounds of all go by turns, and the medians are shown.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/writer.h"
#include "bench/load/histogram.h"
#include "bench/support/die.h"
#include "skep/rocksdb_storage.h"
#include "storage/committer.h"

namespace skep::bench {
namespace {

using Time = std::chrono::steady_clock;

constexpr std::size_t kValueBytes = 500;
constexpr int kOutstanding[] = {1, 8, 64};
constexpr std::string_view kSingleWriter = "single-writer";

struct Round {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
};

std::uint64_t NsSince(Time::time_point since) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Time::now() - since).count());
}

WriteBatch ChangeOf(std::uint64_t number) {
  WriteBatch batch;
  batch.Put(std::to_string(number), std::string(kValueBytes, 'x'));
  return batch;
}

Round RoundOf(const Histogram& latencies, std::uint64_t ns) {
  return {static_cast<double>(latencies.count()) * 1e9 / static_cast<double>(ns),
          static_cast<double>(latencies.ValueAt(0.5)) / 1e3,
          static_cast<double>(latencies.ValueAt(0.99)) / 1e3};
}

Round SingleWriter(Storage* storage, std::chrono::duration<double> length) {
  static std::uint64_t number = 0;
  Histogram latencies;
  const auto begin = Time::now();
  while (Time::now() - begin < length) {
    const auto one = Time::now();
    Check(storage->Commit(ChangeOf(number++), Sync::kYes).ok(), "a commit fails");
    latencies.Record(NsSince(one));
  }
  return RoundOf(latencies, NsSince(begin));
}

// Changes that wait, and those that were acknowledged, which are handed back to the one thread.
class Clients {
 public:
  Clients(Storage* storage, Durability durability)
      : revisions_(storage::FirstRevision(*storage, Revision(1)).value()),
        committer_(storage, &revisions_, {.durability = durability}) {
    Check(committer_.Start().ok(), "the committer does not start");
  }

  Round Run(int outstanding, std::chrono::duration<double> length) {
    const auto begin = Time::now();
    for (int i = 0; i < outstanding; ++i) Send();
    Histogram latencies;
    int waiting = outstanding;
    while (waiting > 0) {
      for (const Time::time_point sent : Acknowledged()) {
        latencies.Record(NsSince(sent));
        if (Time::now() - begin < length) {
          Send();
        } else {
          --waiting;
        }
      }
    }
    return RoundOf(latencies, NsSince(begin));
  }

 private:
  void Send() {
    const Revision revision = revisions_.Next();
    const auto sent = Time::now();
    committer_.Append(revision, ChangeOf(revision.number()));
    committer_.WhenDurable(revision, [this, sent](const Status& status) {
      Check(status.ok(), "a commit fails");
      const std::lock_guard<std::mutex> lock(mu_);
      acknowledged_.push_back(sent);
      if (acknowledged_.size() == 1) changed_.notify_one();
    });
  }

  std::vector<Time::time_point> Acknowledged() {
    std::unique_lock<std::mutex> lock(mu_);
    changed_.wait(lock, [this] { return !acknowledged_.empty(); });
    return std::exchange(acknowledged_, {});
  }

  base::RevisionCounter revisions_;
  std::mutex mu_;
  std::condition_variable changed_;
  std::vector<Time::time_point> acknowledged_;
  storage::Committer committer_;
};

Round Median(const std::vector<Round>& rounds) {
  const auto median = [&rounds](double Round::* member) {
    std::vector<double> values;
    for (const Round& round : rounds) values.push_back(round.*member);
    std::ranges::nth_element(values,
                             values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
  };
  return {median(&Round::per_second), median(&Round::p50_us), median(&Round::p99_us)};
}

void Print(bool first, std::string_view name, int outstanding, const std::vector<Round>& rounds) {
  const Round round = Median(rounds);
  std::printf(
      "%s{\"name\":\"%.*s\",\"outstanding\":%d,\"per_second\":%.0f,\"p50_us\":%.1f,"
      "\"p99_us\":%.1f}",
      first ? "[" : ",\n ", static_cast<int>(name.size()), name.data(), outstanding,
      round.per_second, round.p50_us, round.p99_us);
}

using Rounds = std::vector<Round>;

// The floor alone: for those who have their own changes to compare with it.
void RunSingleWriter(Storage* storage, int rounds, std::chrono::duration<double> length) {
  Rounds floor;
  floor.reserve(static_cast<std::size_t>(rounds));
  for (int i = 0; i < rounds; ++i) floor.push_back(SingleWriter(storage, length));
  Print(true, "single writer", 1, floor);
}

void RunAll(Storage* storage, int rounds, std::chrono::duration<double> length) {
  constexpr std::size_t kCounts = std::size(kOutstanding);
  Rounds floor;
  Rounds sync[kCounts];
  Rounds async[kCounts];
  for (int i = 0; i < rounds; ++i) {
    floor.push_back(SingleWriter(storage, length));
    for (std::size_t c = 0; c < kCounts; ++c) {
      sync[c].push_back(Clients(storage, Durability::kSync).Run(kOutstanding[c], length));
      async[c].push_back(Clients(storage, Durability::kAsync).Run(kOutstanding[c], length));
    }
  }
  Print(true, "single writer", 1, floor);
  for (std::size_t c = 0; c < kCounts; ++c) Print(false, "sync", kOutstanding[c], sync[c]);
  for (std::size_t c = 0; c < kCounts; ++c) Print(false, "async", kOutstanding[c], async[c]);
}

int Main(const std::string& folder, int rounds, double seconds, std::string_view what) {
  const std::chrono::duration<double> length(seconds);
  const std::unique_ptr<Storage> storage = OpenRocksDb({.directory = folder}).value();
  if (what == kSingleWriter) {
    RunSingleWriter(storage.get(), rounds, length);
  } else {
    RunAll(storage.get(), rounds, length);
  }
  std::printf("]\n");
  return 0;
}

}  // namespace
}  // namespace skep::bench

// JSON to stdout; the folder must not be there.
int main(int argc, char** argv) {
  using skep::bench::kSingleWriter;
  const std::string_view what = argc == 5 ? argv[4] : "";
  if (argc < 4 || argc > 5 || (argc == 5 && what != kSingleWriter)) {
    skep::bench::Die("usage: skep_commits FOLDER ROUNDS SECONDS [single-writer]");
  }
  return skep::bench::Main(argv[1], std::atoi(argv[2]), std::atof(argv[3]), what);
}
