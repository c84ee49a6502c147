#include "tests/model/world.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <utility>

#include "tests/model/registry_model.h"

namespace skep::testing {
namespace {

constexpr std::string_view kEnvironments[] = {"", "development", "production"};
constexpr std::string_view kApps[] = {"shop", "bank"};
constexpr std::string_view kKeys[] = {"timeout", "color", "rate.limit"};
constexpr std::string_view kNames[] = {"cart", "till", "other", "else"};

std::vector<Tenant> AllTenants() { return {Tenant{}, {"red", "one"}, {"red", "two"}}; }

std::vector<Labels> AllLabels() {
  std::vector<Labels> all;
  for (const std::string_view app : {"none", "shop", "bank"}) {
    for (const std::string_view service : {"none", "cart", ""}) {
      Labels& labels = all.emplace_back();
      if (app != "none") labels["app"] = app;
      if (service != "none") labels["service"] = service;
    }
  }
  return all;
}

std::int64_t Seconds(std::chrono::sys_seconds time) { return time.time_since_epoch().count(); }

std::ostream& operator<<(std::ostream& out, const Properties& properties) {
  for (const auto& [key, value] : properties) out << ' ' << key << '=' << value;
  return out;
}

std::ostream& operator<<(std::ostream& out, const MicroserviceKey& key) {
  return out << key.tenant << ' ' << key.environment << '/' << key.app_id << '/' << key.name << '/'
             << key.alias << '/' << key.version;
}

std::string Line(const Microservice& s) {
  std::ostringstream out;
  out << s.id.str() << ' ' << s.environment << '/' << s.app_id << '/' << s.name << '/' << s.version
      << " alias " << s.alias << " description " << s.description << " level "
      << static_cast<int>(s.level) << " status " << static_cast<int>(s.status) << " by "
      << s.register_by << " properties" << s.properties << " strategy" << s.lb_strategy;
  for (const std::string& schema : s.schemas) out << " schema " << schema;
  for (const ServicePath& path : s.paths) out << " path " << path.path << path.property;
  for (const MicroserviceKey& provider : s.providers) out << " provider " << provider;
  if (s.framework.has_value()) out << " on " << s.framework->name << ' ' << s.framework->version;
  out << " created " << Seconds(s.created) << " modified " << Seconds(s.modified) << " revision "
      << s.revision.number();
  return out.str();
}

std::string Line(const Rule& rule) {
  std::ostringstream out;
  out << "  rule " << rule.id << ' ' << static_cast<int>(rule.type) << ' ' << rule.attribute << ' '
      << rule.pattern << ' ' << rule.description << ' ' << Seconds(rule.created) << ' '
      << Seconds(rule.modified);
  return out.str();
}

std::string Line(const KeyValue& kv) {
  std::ostringstream out;
  out << kv.id() << ' ' << kv.key() << ' ' << kv.label_format() << ' ' << kv.value << ' '
      << kv.check << ' ' << static_cast<int>(kv.status) << ' ' << static_cast<int>(kv.value_type)
      << ' ' << kv.priority << ' ' << kv.create_revision.number() << ' '
      << kv.update_revision.number() << ' ' << Seconds(kv.create_time) << ' '
      << Seconds(kv.update_time);
  return out.str();
}

std::string Name(const Tenant& tenant) { return tenant.domain + "/" + tenant.project; }

template <class T>
std::string CodeOf(const Result<T>& result) {
  return result.ok() ? "ok" : std::to_string(result.error().code().value());
}

void DescribeRegistry(const Registry& registry, Description* lines) {
  const std::string tenant = Name(registry.tenant());
  for (const MicroservicePtr& service : registry.microservices().List(SharedServices::kShow)) {
    lines->push_back(tenant + " service " + Line(*service));
    const TagsPtr tags = registry.tags().Get(service->id).value();
    std::ostringstream tag_line;
    tag_line << "  tags" << *tags;
    lines->push_back(tag_line.str());
    const ServiceDetail detail = registry.govern().Get(service->id).value();
    for (const std::string& version : detail.versions) lines->push_back("  version " + version);
    for (const Instance& instance : detail.instances) {
      lines->push_back("  instance " + testing::Describe(instance));
    }
    for (const MicroserviceKey& key : detail.provider_keys) {
      std::ostringstream out;
      out << "  depends on " << key;
      lines->push_back(out.str());
    }
    for (const auto& p : detail.providers) lines->push_back("  provider " + p->id.str());
    for (const auto& c : detail.consumers) lines->push_back("  consumer " + c->id.str());
    for (const auto& s : detail.schemas) {
      lines->push_back("  schema " + s->id + " " + s->summary + " " + s->content);
    }
    for (const Rule& rule : detail.rules) lines->push_back(Line(rule));
  }
  for (const std::string_view environment : kEnvironments) {
    for (const std::string_view app : kApps) {
      for (const std::string_view name : {"cart", "till", "other", "else", "nick", "shop:nick"}) {
        const auto found =
            registry.discovery().Find({.environment = environment, .app_id = app, .name = name});
        if (!found.ok()) continue;
        lines->push_back(tenant + " find " + std::string(environment) + "/" + std::string(app) +
                         "/" + std::string(name) + " at " + found->version().str());
        for (const Instance& i : found->instances()) lines->push_back("  finds " + i.id().str());
      }
    }
  }
}

}  // namespace

World::World(std::uint64_t seed) : random_(seed) {
  for (const Tenant& tenant : AllTenants()) {
    for (const std::string_view key : kKeys) {
      for (const Labels& labels : AllLabels()) kv_ids_.insert(KvId(tenant, key, labels));
    }
  }
}

std::string World::AnyOf(std::initializer_list<std::string_view> words) {
  return std::string(words.begin()[Pick(words.size())]);
}

Tenant World::AnyTenant() { return AllTenants()[Pick(AllTenants().size())]; }

// ------------------------------------------------------------------------------------------------
// Registry

std::string World::AnyService(Registry& registry) {
  const auto all = registry.microservices().List();
  return all.empty() ? "none" : all[Pick(all.size())]->id.str();
}

Microservice World::NewService() {
  Microservice service;
  service.environment = kEnvironments[Pick(std::size(kEnvironments))];
  service.app_id = kApps[Pick(std::size(kApps))];
  service.name = kNames[Pick(std::size(kNames))];
  service.version = AnyOf({"1.0.0", "1.0.1", "2.0.0"});
  if (Pick(3) == 0) service.id = ServiceId(AnyOf({"first", "second", "third"}));
  if (Pick(3) == 0) service.alias = AnyOf({"cart", "nick", "shop:nick"});
  if (Pick(3) == 0) service.properties["allowCrossApp"] = AnyOf({"true", "false"});
  if (Pick(4) == 0) service.framework = Framework{AnyOf({"CHASSIS", "SPRING"}), "1.2"};
  if (Pick(4) == 0) service.schemas = {"declared", "hello"};
  if (Pick(4) == 0) service.paths = {{"/a", {{"p", "q"}}}, {"/b", {}}};
  if (Pick(4) == 0) service.providers = {{.app_id = "shop", .name = "till", .version = "1+"}};
  if (Pick(4) == 0) service.lb_strategy = {{"any", "round"}};
  if (Pick(4) == 0) service.register_by = "SDK";
  if (Pick(4) == 0) service.level = ServiceLevel::kFront;
  if (Pick(4) == 0) service.status = ServiceStatus::kDown;
  if (Pick(4) == 0) service.description = std::string(Pick(200), 'd');
  return service;
}

InstanceSpec World::NewInstance() {
  InstanceSpec spec;
  spec.host = AnyOf({"north", "south", "east"});
  if (Pick(3) == 0) {
    spec.id = InstanceId(AnyOf(
        {"one", "two", "00000000000000010000000000000002", "0000000000000001000000000000000a"}));
  }
  for (std::size_t count = Pick(3); count > 0; --count) {
    spec.endpoints.push_back(AnyOf({"rest://10.0.0.1:80", "rest://10.0.0.2:80", "grpc://x:1"}));
  }
  if (Pick(3) == 0) spec.status = InstanceStatus::kStarting;
  if (Pick(2) == 0) spec.properties["zone"] = AnyOf({"a", "b"});
  if (Pick(3) == 0) spec.properties[""] = "";
  if (Pick(3) == 0) {
    spec.health_check =
        HealthCheck{.mode = Pick(2) == 0 ? HealthCheckMode::kPush : HealthCheckMode::kPull,
                    .port = static_cast<std::int64_t>(Pick(65536)),
                    .interval_s = 5 + static_cast<std::int64_t>(Pick(100)),
                    .times = 3 + static_cast<std::int64_t>(Pick(5)),
                    .url = "/health"};
  }
  if (Pick(3) == 0) spec.data_center = DataCenterInfo{"dc", "region", "zone-1"};
  return spec;
}

std::vector<Rule> World::NewRules() {
  std::vector<Rule> rules;
  for (std::size_t count = Pick(3); count > 0; --count) {
    rules.push_back({.type = Pick(2) == 0 ? RuleType::kBlack : RuleType::kWhite,
                     .attribute = AnyOf({"ServiceName", "Version", "tag_color"}),
                     .pattern = AnyOf({"ca.t", "1\\.0", "red"}),
                     .description = AnyOf({"", "why"})});
  }
  return rules;
}

Properties World::NewTags() {
  Properties tags;
  if (Pick(2) == 0) tags["color"] = AnyOf({"red", "blue"});
  if (Pick(2) == 0) tags["size"] = AnyOf({"small", "large"});
  return tags;
}

Schema World::NewSchema() {
  return {.id = AnyOf({"hello", "world", "third"}),
          .summary = AnyOf({"a1", "b2"}),
          .content = AnyOf({"x", "y", "{\"z\":1}"})};
}

MicroserviceKey World::KeyOf(const Microservice& service) const {
  return {.environment = service.environment,
          .app_id = service.app_id,
          .name = service.name,
          .version = service.version};
}

void World::ChangeService(Registry& registry, const std::string& id, Ack ack) {
  const ServiceIdView view{std::string_view(id)};
  switch (Pick(7)) {
    case 0:
      (void)registry.microservices().SetProperties(
          view, {{"allowCrossApp", AnyOf({"true", "false"})}, {"p", AnyOf({"1", "2"})}}, ack);
      return;
    case 1:
      (void)registry.microservices().Delete(
          view, Pick(2) == 0 ? DeleteMode::kForce : DeleteMode::kSafe, ack);
      return;
    case 2:
      (void)registry.tags().Replace(view, NewTags(), ack);
      return;
    case 3:
      (void)registry.tags().Set(view, "color", AnyOf({"red", "green"}), ack);
      return;
    case 4: {
      const std::string_view keys[] = {"size"};
      (void)registry.tags().Delete(view, keys, ack);
      return;
    }
    case 5:
      (void)registry.rules().Replace(view, NewRules(), ack);
      return;
    default:
      return ChangeSchemas(registry, id, ack);
  }
}

void World::ChangeSchemas(Registry& registry, const std::string& id, Ack ack) {
  const ServiceIdView view{std::string_view(id)};
  switch (Pick(4)) {
    case 0:
      (void)registry.schemas().ReplaceAll(
          view, {{.id = "world", .summary = AnyOf({"s", "t"}), .content = "w"}, NewSchema()}, ack);
      return;
    case 1:
      (void)registry.schemas().Delete(view, AnyOf({"hello", "world"}), ack);
      return;
    default:
      (void)registry.schemas().Put(view, NewSchema(), ack);
  }
}

void World::ChangeInstance(Registry& registry, const std::string& id, Ack ack) {
  const ServiceIdView view{std::string_view(id)};
  const auto all = registry.instances().List(view);
  if (!all.ok() || all->instances().empty() || Pick(3) != 0) {
    (void)registry.instances().Register(view, NewInstance(), ack);
    return;
  }
  const InstanceIdView instance = all->instances()[Pick(all->instances().size())].id();
  switch (Pick(4)) {
    case 0:
      (void)registry.instances().Unregister(view, instance, ack);
      return;
    case 1:
      (void)registry.instances().SetStatus(view, instance, InstanceStatus::kOutOfService, ack);
      return;
    case 2:
      (void)registry.instances().SetProperties(view, instance, {{"zone", AnyOf({"c", "d"})}}, ack);
      return;
    default:
      (void)registry.instances().Heartbeat(view, instance);
  }
}

void World::ChangeDependencies(Registry& registry, const std::string& id, Ack ack) {
  const auto consumer = registry.microservices().Get(ServiceIdView{std::string_view(id)});
  if (!consumer.ok()) return;
  if (Pick(2) == 0) {
    const Microservice wanted = NewService();
    (void)registry.discovery().Find(
        ServiceIdView{std::string_view(id)},
        {.app_id = wanted.app_id, .name = Pick(4) == 0 ? "nick" : wanted.name});
    return;
  }
  Dependency dependency{.consumer = KeyOf(**consumer), .providers = {}};
  for (std::size_t count = Pick(3); count > 0; --count) {
    dependency.providers.push_back(KeyOf(NewService()));
  }
  if (Pick(2) == 0) {
    (void)registry.dependencies().Add({&dependency, 1}, ack);
  } else {
    (void)registry.dependencies().Override({&dependency, 1}, ack);
  }
}

void World::ChangeMany(Registry& registry, Ack ack) {
  if (Pick(2) == 0) {
    (void)registry.instances().SetStatusWhere(
        {{"zone", AnyOf({"a", "b"})}}, Pick(2) == 0 ? InstanceStatus::kDown : InstanceStatus::kUp,
        ack);
    return;
  }
  const std::string a = AnyService(registry);
  const std::string b = AnyService(registry);
  const std::string_view ids[] = {a, b};
  (void)registry.microservices().DeleteMany(ids, DeleteMode::kSafe, ack);
}

void World::ChangeRegistry(Engine& engine, bool one_revision, Ack ack) {
  Registry registry = engine.registry(AnyTenant());
  const std::size_t kind = Pick(10);
  if (kind < 2) {
    (void)registry.microservices().Register(NewService(), ack);
  } else if (kind < 4) {
    ChangeService(registry, AnyService(registry), ack);
  } else if (kind < 8) {
    ChangeInstance(registry, AnyService(registry), ack);
  } else if (kind < 9 || one_revision) {
    ChangeDependencies(registry, AnyService(registry), ack);
  } else {
    ChangeMany(registry, ack);
  }
}

// ------------------------------------------------------------------------------------------------
// Configuration center

KvSpec World::NewKv() {
  KvSpec spec;
  spec.key = kKeys[Pick(std::size(kKeys))];
  spec.value = std::string(Pick(60), static_cast<char>('a' + Pick(26)));
  spec.labels = AllLabels()[Pick(AllLabels().size())];
  if (Pick(2) == 0) spec.status = KvStatus::kEnabled;
  if (Pick(3) == 0) spec.value_type = ValueType::kYaml;
  if (Pick(3) == 0) spec.priority = static_cast<std::int64_t>(Pick(5)) - 2;
  if (Pick(3) == 0) spec.check = "check";
  return spec;
}

std::string World::AnyKv(ConfigCenter& config) {
  const KvList all = config.List({}).value();
  return all.items().empty() ? "none" : all.items()[Pick(all.items().size())]->id();
}

void World::ChangeKie(Engine& engine, bool one_revision, Ack ack) {
  ConfigCenter config = engine.config(AnyTenant());
  const std::string id = AnyKv(config);
  const Revision past =
      kie_revisions_.empty() ? Revision() : kie_revisions_[Pick(kie_revisions_.size())];
  switch (Pick(one_revision ? 9 : 10)) {
    case 0:
    case 1:
    case 2:
      (void)config.Create(NewKv(), ack);
      break;
    case 3:
    case 4:
      (void)config.Update(id, {.value = NewKv().value, .status = NewKv().status}, ack);
      break;
    case 5:
      (void)config.Delete(id, ack);
      break;
    case 6: {
      const std::string ids[] = {id, AnyKv(config)};
      (void)config.DeleteMany(std::span(ids).first(Pick(3)), ack);
      break;
    }
    case 7:
      (void)config.RollBack(id, past, ack);
      break;
    case 8:
      (void)config.RollBack(KvQuery{.labels = {{"app", "shop"}}}, past, ack);
      break;
    default: {
      std::vector<KvSpec> items;
      for (std::size_t count = Pick(5); count > 0; --count) items.push_back(NewKv());
      (void)config.Import(std::move(items),
                          {.override_mode = Override::kForce, .atomic = Pick(2) == 0}, ack);
    }
  }
  if (kie_revisions_.empty() || engine.revision() > kie_revisions_.back()) {
    kie_revisions_.push_back(engine.revision());
  }
}

void World::DescribeKie(const ConfigCenter& config, Description* lines) const {
  const std::string tenant = Name(config.tenant());
  lines->push_back(tenant + " config at " + std::to_string(config.revision().number()) + " of " +
                   std::to_string(config.size()) + " in " + std::to_string(config.domain_size()));
  const KvList all = config.List({.order = KvOrder::kKey}).value();
  for (const KeyValuePtr& kv : all.items()) lines->push_back("  kv " + Line(*kv));
  for (const std::string& id : kv_ids_) {
    const Result<KvHistory> history = config.History(id);
    lines->push_back("  history " + id + " " + CodeOf(history));
    if (!history.ok()) continue;
    lines->back() += history->complete ? " complete" : " trimmed";
    for (const KvChange& change : history->changes) {
      lines->push_back("    " + std::to_string(change.revision.number()) + " at " +
                       std::to_string(Seconds(change.time)) + " " +
                       (change.kv == nullptr ? "deleted" : Line(*change.kv)));
    }
  }
}

Description World::Describe(Engine& engine) const {
  Description lines;
  const EngineMetrics metrics = engine.metrics();
  lines.push_back("services " + std::to_string(metrics.services) + " instances " +
                  std::to_string(metrics.instances) + " kvs " + std::to_string(metrics.kvs));
  for (const Tenant& tenant : engine.registry().govern().Tenants()) {
    if (engine.registry(tenant).govern().Statistics().services > 0) {
      lines.push_back("tenant " + Name(tenant));
    }
  }
  for (const Tenant& tenant : AllTenants()) {
    DescribeRegistry(engine.registry(tenant), &lines);
    DescribeKie(engine.config(tenant), &lines);
  }
  return lines;
}

Description World::DescribeAll(Engine& engine) const {
  Description lines = Describe(engine);
  for (const Tenant& tenant : AllTenants()) {
    const Registry registry = engine.registry(tenant);
    for (const MicroservicePtr& service : registry.microservices().List(SharedServices::kShow)) {
      // Equal tags change nothing, and tell the last change.
      const TagsPtr tags = registry.tags().Get(service->id).value();
      const Revision last = registry.tags().Replace(service->id, *tags).value();
      lines.push_back("last change of " + service->id.str() + " " + std::to_string(last.number()));
    }
    const ConfigCenter config = engine.config(tenant);
    for (const Revision revision : kie_revisions_) {
      const Result<KvList> then = config.List({.as_of = revision, .order = KvOrder::kKey});
      lines.push_back("as of " + std::to_string(revision.number()) + " " + CodeOf(then));
      if (!then.ok()) continue;
      for (const KeyValuePtr& kv : then->items()) lines.push_back("  " + Line(*kv));
    }
  }
  return lines;
}

std::string Difference(const Description& a, const Description& b) {
  const auto [at, bt] = std::ranges::mismatch(a, b);
  if (at == a.end() && bt == b.end()) return "";
  return "line " + std::to_string(at - a.begin()) + "\n  " + (at == a.end() ? "(end)" : *at) +
         "\n  " + (bt == b.end() ? "(end)" : *bt);
}

}  // namespace skep::testing
