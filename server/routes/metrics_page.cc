#include "server/routes/metrics_page.h"

#include <dirent.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <span>
#include <sstream>
#include <utility>
#include <vector>

#include "server/routes/http_metrics.h"
#include "server/transport/transport_stats.h"

namespace skep::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// Collects families in the order in which they are shown.
class Page {
 public:
  MetricFamily& Family(std::string name, MetricType type, std::string help) {
    return families_.emplace_back(MetricFamily{std::move(name), std::move(help), type, {}});
  }

  void Gauge(std::string name, std::string help, double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    Family(std::move(name), MetricType::Gauge, std::move(help)).metric.push_back(metric);
  }

  void Counter(std::string name, std::string help, double value) {
    ClientMetric metric;
    metric.counter.value = value;
    Family(std::move(name), MetricType::Counter, std::move(help)).metric.push_back(metric);
  }

  std::string Text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return std::move(out).str();
  }

 private:
  std::vector<MetricFamily> families_;
};

template <class T>
double AsDouble(T number) {
  return static_cast<double>(number);
}

// What a row of the counts stands for: 0 is every request that reached no route.
Labels RouteLabels(const Router& router, std::size_t row) {
  if (row == 0) return {{"method", "OTHER"}, {"api", "unknown"}};
  const Route& route = router.routes()[row - 1];
  return {{"method", std::string(VerbName(route.verb))}, {"api", std::string(route.name)}};
}

void AddStatusCounts(const Router& router, const std::vector<RouteCounts>& counts,
                     std::uint16_t status_below, MetricFamily* family) {
  for (std::size_t row = 0; row < counts.size(); ++row) {
    for (std::size_t i = 0; i < kCountedStatuses.size(); ++i) {
      if (counts[row].by_status[i] == 0 || kCountedStatuses[i] >= status_below) continue;
      ClientMetric metric;
      metric.label = RouteLabels(router, row);
      metric.label.push_back({"code", std::to_string(kCountedStatuses[i])});
      metric.counter.value = AsDouble(counts[row].by_status[i]);
      family->metric.push_back(std::move(metric));
    }
  }
}

void AddDurations(const Router& router, const std::vector<RouteCounts>& counts,
                  MetricFamily* family) {
  for (std::size_t row = 0; row < counts.size(); ++row) {
    const std::uint64_t requests = counts[row].requests();
    if (requests == 0) continue;
    ClientMetric metric;
    metric.label = RouteLabels(router, row);
    metric.summary.sample_count = requests;
    metric.summary.sample_sum = AsDouble(counts[row].nanoseconds) / 1000;
    for (const double share : {0.5, 0.9, 0.99}) {
      metric.summary.quantile.push_back({share, counts[row].Quantile(share)});
    }
    family->metric.push_back(std::move(metric));
  }
}

// Paths of one api (v3 aliases, /version) have the same labels, and Prometheus takes labels once:
// the first row gets what was counted for the others.
void MergeSameLabels(const Router& router, std::vector<RouteCounts>* counts) {
  const std::span<const Route> routes = router.routes();
  for (std::size_t row = 1; row < counts->size(); ++row) {
    const Route& route = routes[row - 1];
    const auto first = std::find_if(routes.begin(), routes.end(), [&route](const Route& other) {
      return other.verb == route.verb && other.name == route.name;
    });
    const auto first_row = static_cast<std::size_t>(first - routes.begin()) + 1;
    if (first_row != row) (*counts)[first_row] += std::exchange((*counts)[row], {});
  }
}

void AddRequests(const ServerContext& context, Page* page) {
  std::vector<RouteCounts> counts = context.metrics.Read();
  MergeSameLabels(context.router, &counts);
  AddStatusCounts(context.router, counts, 1000,
                  &page->Family("service_center_http_request_total", MetricType::Counter,
                                "Requests answered."));
  AddStatusCounts(context.router, counts, 500,
                  &page->Family("service_center_http_success_total", MetricType::Counter,
                                "Requests answered with a status below 500."));
  AddDurations(
      context.router, counts,
      &page->Family("service_center_http_request_durations_microseconds", MetricType::Summary,
                    "From the complete request to its answer; quantiles since the start."));
}

void AddConnections(const ServerContext& context, Page* page) {
  const TransportStats counts = context.transport_stats();
  page->Gauge("skep_http_connections", "Connections open now.", AsDouble(counts.open));
  page->Counter("skep_http_connections_accepted_total", "Connections accepted.",
                AsDouble(counts.accepted));
  page->Counter("skep_http_refused_total", "Requests and connections refused at a limit.",
                AsDouble(counts.refused));
  page->Counter("skep_http_received_bytes_total", "Bytes read from clients.",
                AsDouble(counts.bytes_in));
  page->Counter("skep_http_sent_bytes_total", "Bytes written to clients.",
                AsDouble(counts.bytes_out));
  page->Gauge("skep_http_waiting_bytes", "Bytes of answers that clients have not read yet.",
              AsDouble(counts.waiting_bytes));
}

void AddShed(const ServerContext& context, Page* page) {
  constexpr std::array<std::string_view, kPriorities> kNames = {"vital", "write", "find", "list",
                                                                "bulk"};
  MetricFamily& family = page->Family("skep_http_shed_total", MetricType::Counter,
                                      "Requests answered 429 because their thread was loaded.");
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    ClientMetric metric;
    metric.label = {{"priority", std::string(kNames[i])}};
    metric.counter.value = AsDouble(context.shed[i].load(std::memory_order_relaxed));
    family.metric.push_back(std::move(metric));
  }
}

void AddEngine(const ServerContext& context, Page* page) {
  const EngineMetrics metrics = context.engine.metrics();
  page->Gauge("service_center_db_service_total", "Microservices registered.",
              AsDouble(metrics.services));
  page->Gauge("service_center_db_instance_total", "Instances registered.",
              AsDouble(metrics.instances));
  page->Gauge("skep_tenants", "Tenants that hold anything.", AsDouble(metrics.tenants));
  page->Gauge("skep_revision", "Number of the newest change.", AsDouble(metrics.revision.number()));
  page->Counter("skep_expired_instances_total", "Instances whose lease ended.",
                AsDouble(metrics.expired_instances));
  page->Gauge("skep_expiry_protection", "1 while instances are kept beyond their leases.",
              metrics.expiry_protection_on ? 1 : 0);
  page->Counter("skep_expiry_protections_total", "Times that expiry protection began.",
                AsDouble(metrics.expiry_protections));
  page->Counter("skep_kept_instances_total", "Leases kept beyond their end.",
                AsDouble(metrics.kept_instances));
  page->Gauge("skep_durable_revision", "Number of the newest change that is durable.",
              AsDouble(metrics.durable_revision.number()));
  page->Gauge("skep_storage_failed", "1 since a write has failed: writes are refused.",
              metrics.storage_failed ? 1 : 0);
  page->Gauge("skep_storage_waiting_bytes", "Bytes of changes that wait for the disk.",
              AsDouble(metrics.storage_waiting_bytes));
  page->Counter("skep_storage_commits_total", "Batches of changes given to the storage.",
                AsDouble(metrics.storage_commits));
  page->Gauge("skep_watches", "Watches of instances, over the wire and in process.",
              AsDouble(metrics.watches));
  // Wire compatibility: of this tenant alone.
  page->Gauge("servicecomb_kie_config_count", "Configuration items.",
              AsDouble(context.engine.config().size()),
              {{"domain", "default"}, {"project", "default"}});
  page->Gauge("skep_kv_waits", "Waits for a change of items: long polls, and those in process.",
              AsDouble(metrics.kv_waits));
  page->Gauge("skep_kv_watches", "Watches of configuration items, over the wire and in process.",
              AsDouble(metrics.kv_watches));
  page->Gauge("skep_memo_bytes", "Encoded answers kept.", AsDouble(metrics.memo_bytes));
}

// Resident pages from /proc; zero where it cannot be read.
double ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  long total = 0;
  long resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &total, &resident);
  std::fclose(file);
  return read == 2 ? AsDouble(resident) * AsDouble(sysconf(_SC_PAGESIZE)) : 0;
}

double OpenFiles() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  double count = 0;
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count - 3;  // ".", ".." and the folder itself.
}

void AddProcess(Page* page) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return AsDouble(time.tv_sec) + AsDouble(time.tv_usec) / 1e6;
  };
  page->Counter("process_cpu_seconds_total", "Processor time of user and system.",
                seconds(usage.ru_utime) + seconds(usage.ru_stime));
  page->Gauge("process_resident_memory_bytes", "Memory in use.", ResidentBytes());
  page->Gauge("process_open_fds", "Open files and sockets.", OpenFiles());
}

}  // namespace

std::string MetricsPage(const ServerContext& context) {
  Page page;
  AddRequests(context, &page);
  AddConnections(context, &page);
  AddShed(context, &page);
  AddEngine(context, &page);
  AddProcess(&page);
  return page.Text();
}

}  // namespace skep::server
