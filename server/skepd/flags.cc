#include "server/skepd/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/version.h"

namespace skep::skepd {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr Unit kTimeUnits[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}};
constexpr Unit kByteUnits[] = {{"", 1},
                               {"KiB", std::uint64_t{1} << 10},
                               {"MiB", std::uint64_t{1} << 20},
                               {"GiB", std::uint64_t{1} << 30}};

// As the reference does; an engine of one's own retires nothing unless it is told to.
constexpr std::size_t kVersionsKept = 3;

// A whole number and one of `units`: "30s", "2MiB".
template <std::size_t N>
std::optional<std::uint64_t> ParseQuantity(std::string_view text, const Unit (&units)[N]) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc()) return std::nullopt;
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  for (const Unit& unit : units) {
    if (unit.name == rest && number <= kMax / unit.factor) return number * unit.factor;
  }
  return std::nullopt;
}

// `number` in the largest of `units` that divides it.
template <std::size_t N>
std::string ShowQuantity(std::uint64_t number, const Unit (&units)[N]) {
  const Unit* best = &units[0];
  for (const Unit& unit : units) {
    if (number != 0 && number % unit.factor == 0) best = &unit;
  }
  return std::to_string(number / best->factor) + std::string(best->name);
}

// "--stop-deadline" -> "SKEP_STOP_DEADLINE"
std::string EnvironmentName(std::string_view flag) {
  std::string name = "SKEP_";
  for (const char c : flag.substr(2)) {
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
  }
  return name;
}

std::string_view Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? value : "";
}

// CLI11 asks the file before the environment and the first to answer wins; we want it the other way
// round, so the file's values for what the environment sets are dropped here.
class FileBelowEnvironment : public CLI::ConfigTOML {
 public:
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> values = CLI::ConfigTOML::from_config(input);
    std::erase_if(values, [](const CLI::ConfigItem& item) {
      return !Environment(EnvironmentName("--" + item.name)).empty();
    });
    return values;
  }
};

// Two columns, the right one wrapped: CLI11's own help puts a flag's names, types, default and
// environment into one line as long as it comes.
class TwoColumns : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool) const override {
    std::string text = "  " + option->get_name(false, true);
    if (!option->get_type_name().empty()) text += " " + option->get_type_name();
    std::string help = option->get_description();
    if (const std::string shown = option->get_default_str(); !shown.empty() && shown != "[]") {
      help += " (default: " + shown + ")";
    }
    return text + Wrapped(help, text.size()) + "\n";
  }

 private:
  static constexpr std::size_t kLeft = 44;
  static constexpr std::size_t kRight = 100;

  // The words of `help` in the right column of a line that holds `used` characters.
  static std::string Wrapped(std::string_view help, std::size_t used) {
    std::string out;
    std::size_t column = used;
    if (column + 1 >= kLeft) column = kRight;
    while (!help.empty()) {
      const std::string_view word = help.substr(0, help.find(' '));
      help.remove_prefix(std::min(help.size(), word.size() + 1));
      if (column < kLeft) {
        out.append(kLeft - column, ' ');
        column = kLeft;
      } else if (column + 1 + word.size() <= kRight) {
        out += ' ';
        ++column;
      } else {
        out += "\n" + std::string(kLeft, ' ');
        column = kLeft;
      }
      out += word;
      column += word.size();
    }
    return out;
  }
};

// Declares the flags and writes what they say into a Flags.
class Parser {
 public:
  explicit Parser(Flags* flags) : flags_(*flags) {
    app_.name("skepd");
    app_.set_version_flag("--version", "skepd " SKEP_VERSION_STRING, "Print the version and exit");
    app_.set_help_flag("--help,-h", "Print this help and exit");
    app_.allow_config_extras(CLI::config_extras_mode::error);
    app_.config_formatter(std::make_shared<FileBelowEnvironment>());
    const std::string file(Environment("SKEP_CONFIG"));
    app_.set_config("--config", file, "Read flags from this file, a line each: name = value")
        ->required(!file.empty())
        ->type_name("FILE");
    app_.formatter(std::make_shared<TwoColumns>());
    app_.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    AddMain();
    AddStorage();
    AddLogging();
    AddRegistry();
    AddConfig();
    AddLimits();
    app_.footer(
        "A flag can also be set in the environment (--ready-file as SKEP_READY_FILE) and in the "
        "file\n"
        "of --config (ready-file = \"path\"). The command line wins over the environment, and that "
        "over\n"
        "the file.\n"
        "SIGTERM and SIGINT stop gracefully; a second one ends the process at once.");
  }

  CLI::App& app() { return app_; }

 private:
  CLI::Option* Named(CLI::Option* option, const std::string& flag, const std::string& type) {
    return option->envname(EnvironmentName(flag))->type_name(type)->group(group_);
  }

  template <class T>
  CLI::Option* Add(const std::string& flag, T* value, const std::string& type,
                   const std::string& help) {
    return Named(app_.add_option(flag, *value, help)->capture_default_str(), flag, type);
  }

  void AddSwitch(const std::string& flag, bool* value, const std::string& help) {
    Add(flag, value, "true|false", help)->default_str(*value ? "true" : "false");
  }

  void AddTime(const std::string& flag, std::chrono::milliseconds* value, const std::string& help) {
    auto* option = app_.add_option_function<std::string>(
        flag,
        [flag, value](const std::string& text) {
          const auto parsed = ParseQuantity(text, kTimeUnits);
          if (!parsed.has_value()) {
            throw CLI::ValidationError(flag,
                                       "\"" + text + "\" is not a time, such as 500ms or 10s");
          }
          *value = std::chrono::milliseconds(static_cast<std::int64_t>(*parsed));
        },
        help);
    Named(option, flag, "TIME")
        ->default_str(ShowQuantity(static_cast<std::uint64_t>(value->count()), kTimeUnits));
  }

  void AddBytes(const std::string& flag, std::size_t* value, const std::string& help) {
    auto* option = app_.add_option_function<std::string>(
        flag,
        [flag, value](const std::string& text) {
          const auto parsed = ParseQuantity(text, kByteUnits);
          if (!parsed.has_value()) {
            throw CLI::ValidationError(flag,
                                       "\"" + text + "\" is not a size, such as 4096 or 2MiB");
          }
          *value = *parsed;
        },
        help);
    Named(option, flag, "BYTES")->default_str(ShowQuantity(*value, kByteUnits));
  }

  template <class T>
  void AddChoice(const std::string& flag, T* value, std::vector<std::pair<std::string, T>> choices,
                 const std::string& shown_default, const std::string& help) {
    std::string names;
    for (const auto& [name, unused] : choices) names += (names.empty() ? "" : "|") + name;
    auto* option = app_.add_option_function<std::string>(
        flag,
        [flag, value, choices = std::move(choices), names](const std::string& text) {
          for (const auto& [name, choice] : choices) {
            if (name == text) {
              *value = choice;
              return;
            }
          }
          throw CLI::ValidationError(flag, "\"" + text + "\" is not one of " + names);
        },
        help);
    Named(option, flag, names)->default_str(shown_default);
  }

  void AddMain() {
    group_ = "Serving";
    flags_.server.listen = {"127.0.0.1:30100", "127.0.0.1:30110"};
    Add("--listen", &flags_.server.listen, "HOST:PORT",
        "An address to serve at; may be given several times, or several between commas; port 0 "
        "takes a free one")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->delimiter(',')
        ->default_str("127.0.0.1:30100,127.0.0.1:30110");
    Add("--threads", &flags_.server.threads, "N", "Server threads; 0: one for each core");
    AddChoice("--clock", &flags_.clock,
              {{"system", ClockKind::kSystem}, {"manual", ClockKind::kManual}}, "system",
              "manual: time stands still until POST /skep/v1/clock moves it");
    Add("--ready-file", &flags_.ready_file, "FILE",
        "Write the bound addresses and the process id here, as JSON, once requests are answered; "
        "removed when stopping");
    AddTime("--stop-deadline", &flags_.stop_deadline,
            "At a stop, cut off what is not answered by then");
    AddSwitch("--register-self", &flags_.server.register_self,
              "Be found as SERVICECENTER, as clients expect");
  }

  void AddStorage() {
    group_ = "Storage";
    AddChoice("--storage", &flags_.storage,
              {{"memory", StorageKind::kMemory}, {"rocksdb", StorageKind::kRocksDb}},
              flags_.storage == StorageKind::kMemory ? "memory" : "rocksdb",
              "Where state is kept; memory: nowhere else, it ends with the process");
    Add("--data", &flags_.data.directory, "DIR",
        "The folder of rocksdb's; made where it is not there");
    AddChoice(
        "--durability", &flags_.durability,
        {{"sync", Durability::kSync}, {"async", Durability::kAsync}}, "sync",
        "What an acknowledged change survives; sync: the loss of power; async: the end of the "
        "process");
    AddBytes("--block-cache-bytes", &flags_.data.block_cache_bytes,
             "Memory for what was read from the folder last");
    AddBytes("--memtable-bytes", &flags_.data.memtable_bytes,
             "Memory for what was written to it last, all together");
    AddBytes("--storage-waiting-bytes-max", &flags_.storage_waiting_bytes_max,
             "While more than this waits for the disk, changes are answered 429");
  }

  void AddLogging() {
    group_ = "Logging";
    AddChoice("--log-level", &flags_.log_level,
              {{"debug", LogLevel::kDebug},
               {"info", LogLevel::kInfo},
               {"warning", LogLevel::kWarning},
               {"error", LogLevel::kError}},
              "info", "The least important line that is logged, to stderr");
    Add("--access-log", &flags_.access_log, "stdout|stderr|FILE",
        "Write a line here for each answered request; none by default");
  }

  void AddRegistry() {
    group_ = "Registry";
    RegistryOptions& registry = flags_.registry;
    Add("--shared-services", &registry.shared_services, "NAME",
        "Microservices of app default that every caller finds, beside SERVICECENTER; several "
        "between commas")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->delimiter(',');
    Add("--shared-environment", &registry.shared_environment, "NAME",
        "The environment in which shared microservices are looked for");
    AddSwitch("--reuse-instance-ids", &registry.reuse_id_of_equal_endpoints,
              "Registering a live instance's host and endpoints anew yields its id");
    Add("--interval-min", &registry.interval_s_min, "SECONDS",
        "Shorter heartbeat intervals are raised to this");
    Add("--times-min", &registry.times_min, "N",
        "Fewer missed heartbeats before the end are raised to this");
    Add("--services-max", &registry.services_max, "N", "Microservices of one tenant");
    Add("--instances-max", &registry.instances_max, "N", "Instances of one tenant");
    Add("--providers-max", &registry.providers_max, "N",
        "Providers that one consumer may be told to depend on");
    Add("--schemas-max", &registry.schemas_max, "N", "Schemas that one microservice may declare");
    Add("--reports-max", &registry.reports_max, "N",
        "Instances whose latest metric report is kept");
    AddBytes("--schema-bytes-max", &registry.schema_bytes_max, "One schema");
    Add("--tags-max", &registry.tags_max, "N", "Tags of one microservice");
    Add("--rules-max", &registry.rules_max, "N", "Black and white list rules of one microservice");
    registry.versions_kept = kVersionsKept;
    Add("--versions-kept", &registry.versions_kept, "N",
        "Each day at 01:00 UTC, delete versions without instances that are older than the newest N "
        "of their name; 0: never");
    Add("--tenants-max", &registry.tenants_max, "N", "Tenants that hold anything");
    AddBytes("--memo-bytes-max", &registry.memo_bytes_max,
             "Encoded answers that are kept for the next caller, all together");
    Add("--watches-max", &registry.watches_max, "N", "Watches of all tenants together");
    Add("--watch-queue-max", &registry.watch_queue_max, "N",
        "Events that may wait for one slow watch before older ones are left out");
    Add("--watch-events-kept", &registry.watch_events_kept, "N",
        "Events kept for watches that resume from a revision");
    Add("--expiries-per-second-max", &registry.expiries_per_second_max, "N",
        "Instances that end in one second; more wait");
    AddExpiryProtection();
  }

  void AddConfig() {
    group_ = "Configuration center";
    KieOptions& kie = flags_.kie;
    Add("--kvs-max", &kie.items_max, "N", "Items of one tenant");
    Add("--kie-tenants-max", &kie.tenants_max, "N", "Tenants that hold items");
    Add("--import-kvs-max", &kie.import_items_max, "N", "Items of one import");
    Add("--history-max", &kie.history_max, "N", "Changes that are kept of one item");
    AddTime("--history-age-max", &kie.history_age_max, "A former state is kept this long, but ...");
    Add("--history-min", &kie.history_min, "N",
        "... of an item that exists these many, however old");
    Add("--waits-max", &kie.waits_max, "N", "Long polls at once");
    AddTime("--wait-max", &kie.wait_max, "The longest that a long poll may ask for");
    Add("--kie-watches-max", &kie.watches_max, "N", "Watches of configuration items at once");
    Add("--kie-watch-queue-max", &kie.watch_queue_max, "N",
        "Events that may wait for one slow watch before older ones are left out");
    Add("--kie-watch-events-kept", &kie.watch_events_kept, "N",
        "Events kept for watches that resume from a revision");
    Add("--polls-max", &kie.polls_max, "N", "Records of the polling track");
    AddBytes("--kie-memo-bytes-max", &kie.memo_bytes_max,
             "Encoded items and lists of items that are kept for the next caller");
  }

  void AddExpiryProtection() {
    ExpiryProtectionOptions& protection = flags_.registry.expiry_protection;
    protection.enabled = true;
    AddChoice("--expiry-protection", &protection.enabled, {{"on", true}, {"off", false}}, "on",
              "Keep instances for a while where a large share of all leases is about to end");
    Add("--expiry-protection-share", &protection.share, "SHARE", "That share: above 0, at most 1");
    Add("--expiry-protection-leases-min", &protection.leases_min, "N",
        "With fewer leases than this nothing is kept");
    AddTime("--expiry-protection-window", &protection.window,
            "Ends within this time of each other count as together");
    AddTime("--expiry-protection-hold", &protection.hold,
            "For how long instances are kept; then it ends by itself");
  }

  void AddLimits() {
    group_ = "Limits of a client";
    ServerOptions& server = flags_.server;
    AddBytes("--header-bytes-max", &server.header_bytes_max, "A request's header");
    AddBytes("--body-bytes-max", &server.body_bytes_max, "A request's body");
    AddBytes("--reply-bytes-max", &server.reply_bytes_max, "The body of one answer");
    AddBytes("--export-bytes-max", &server.export_bytes_max, "The text of an export of items");
    AddBytes("--import-bytes-max", &server.import_bytes_max, "The body of an import of items");
    AddTime("--request-time-max", &server.request_time_max,
            "From a request's first byte to its last");
    AddTime("--idle-time-max", &server.idle_time_max, "Between requests of one connection");
    AddTime("--write-time-max", &server.write_time_max,
            "A client that reads nothing of its answer for this long is dropped");
    AddTime("--stream-ping-interval", &server.stream_ping_interval,
            "Between the pings of a watcher that sends none of its own");
    AddTime("--stream-silence-max", &server.stream_silence_max,
            "A watcher of which neither ping nor pong has come for this long is dropped");
    Add("--connections-max", &server.connections_max, "N", "Connections of all clients");
    Add("--pipelined-requests-max", &server.pipelined_requests_max, "N",
        "Requests of one connection that are answered before others get their turn");
    AddBytes("--outstanding-bytes-max", &server.outstanding_bytes_max,
             "Answers waiting for one client to read them");
    AddBytes("--thread-outstanding-bytes-max", &server.thread_outstanding_bytes_max,
             "The same, of all clients of one thread");
    AddTime("--thread-delay-max", &server.thread_delay_max,
            "How late a thread may come to what waits for it");
    Add("--shed-bulk-percent", &server.shed_bulk_percent, "N",
        "Dumps are refused from this percentage of a thread's limits");
    Add("--shed-lists-percent", &server.shed_lists_percent, "N", "The same of lists");
    Add("--shed-finds-percent", &server.shed_finds_percent, "N", "The same of finds");
    Add("--shed-writes-percent", &server.shed_writes_percent, "N",
        "The same of writes; heartbeats and deregistrations are never refused");
  }

  CLI::App app_{"skepd: a service registry that ServiceComb clients use unchanged."};
  Flags& flags_;
  std::string group_;
};

Leave UsageFailure(const std::string& what) {
  return {kUsageExitCode, "skepd: " + what + ". skepd --help lists the flags.\n"};
}

}  // namespace

std::variant<Flags, Leave> ReadFlags(int argc, const char* const* argv) {
  Flags flags;
  Parser parser(&flags);
  try {
    parser.app().parse(argc, argv);
  } catch (const CLI::CallForVersion& version) {
    return Leave{0, std::string(version.what()) + "\n"};
  } catch (const CLI::CallForHelp&) {
    return Leave{0, parser.app().help()};
  } catch (const CLI::ConfigError& error) {
    return UsageFailure("the file of --config: " + std::string(error.what()));
  } catch (const CLI::ParseError& error) {
    return UsageFailure(error.what());
  }
  return flags;
}

}  // namespace skep::skepd
