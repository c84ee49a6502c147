#include "tests/model/registry_steps.h"

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <utility>

namespace skep::testing {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kFirstRevision = 1000;
constexpr std::size_t kHeldMax = 8;

const std::array<Tenant, 3> kTenants = {Tenant{}, Tenant{"d1", "p"}, Tenant{"d2", "p"}};
const std::array<std::string, 2> kEnvironments = {"", "development"};
const std::array<std::string, 2> kApps = {"default", "shop"};
const std::array<std::string, 3> kNames = {"a", "b", "common"};
const std::array<std::string, 3> kVersions = {"1.0", "1.0.0", "2.0"};
const std::array<std::string, 4> kAliases = {"", "", "x:y", "a"};
const std::array<std::string, 5> kAllNames = {"a", "b", "common", "x:y", "nobody"};
const std::array<std::string, 5> kServiceIds = {"", "", "", "id-1", "id-2"};
const std::array<std::string, 4> kCrossApp = {"", "true", "TRUE", "false"};
const std::array<std::string, 2> kHosts = {"h1", "h2"};
// Two of them are the same set.
const std::array<std::vector<std::string>, 5> kEndpoints = {{{},
                                                             {"rest://1:1"},
                                                             {"rest://1:1", "rest://2:2"},
                                                             {"rest://2:2", "rest://1:1"},
                                                             {"rest://3:3"}}};
// Of 128 bits; texts, one of them 32 upper-case digits; 32 zeros, which are no id.
const std::array<std::string, 7> kInstanceIds = {"00000000000000010000000000000002",
                                                 "ffffffffffffffffffffffffffffffff",
                                                 "0000000000000001000000000000000a",
                                                 "0000000000000001000000000000000A",
                                                 "ins-1",
                                                 "ins.2",
                                                 "00000000000000000000000000000000"};
const std::string kNoId = kInstanceIds.back();
const std::array<Millis, 7> kSpans = {Millis(1),      Millis(999), seconds(1), seconds(4),
                                      Millis(19'999), seconds(20), seconds(60)};
constexpr Millis kLongSpan{3'600'001};  // Longer than any lease.

std::string CodeOf(const std::error_code& code) { return std::to_string(code.value()); }
std::string CodeOf(const Error& error) { return CodeOf(error.code()); }
std::string CodeOf(RegistryErrc error) { return CodeOf(make_error_code(error)); }

template <class T>
std::string OutcomeOf(const Result<T>& result) {
  return result.ok() ? "ok" : CodeOf(result.error());
}
std::string OutcomeOf(std::optional<RegistryErrc> error) {
  return error.has_value() ? CodeOf(*error) : "ok";
}

std::string TextOf(const ModelFamily& family) {
  const auto& [tenant, environment, app, name] = family;
  return tenant.domain + "/" + tenant.project + "/" + environment + "/" + app + "/" + name;
}

std::string Joined(std::vector<std::string> lines) {
  std::ranges::sort(lines);
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

std::string ContentOf(std::span<const Instance> instances) {
  std::vector<std::string> lines;
  for (const Instance& instance : instances) lines.push_back(Describe(instance));
  return Joined(std::move(lines));
}

std::string ContentOf(const ModelAnswer& answer) {
  std::vector<std::string> lines;
  for (const auto& [service, instance] : answer.instances) {
    lines.push_back(Describe(*service, *instance));
  }
  return Joined(std::move(lines));
}

bool IsWithin(Revision revision, Revisions bounds) {
  return bounds.first <= revision.number() && revision.number() <= bounds.last;
}

// 32 lower-case hex digits.
bool Is128Bits(const std::string& id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Step& step) {
  static constexpr std::string_view kNamesOfKinds[] = {"RegisterService",
                                                       "DeleteService",
                                                       "ReadServices",
                                                       "Register",
                                                       "RegisterBadly",
                                                       "Unregister",
                                                       "SetStatus",
                                                       "Heartbeat",
                                                       "HeartbeatSet",
                                                       "Lease",
                                                       "Renew",
                                                       "Advance",
                                                       "Find",
                                                       "FindBadly",
                                                       "List",
                                                       "Get"};
  return out << kNamesOfKinds[static_cast<std::size_t>(step.kind)] << '(' << step.bits << ')';
}

// Takes small numbers out of a step's bits.
class RegistrySteps::Draw {
 public:
  explicit Draw(std::uint64_t bits) : bits_(bits) {}

  std::size_t Below(std::size_t limit) {
    const std::uint64_t drawn = bits_ % limit;
    bits_ /= limit;
    return static_cast<std::size_t>(drawn);
  }
  bool OneIn(std::size_t limit) { return Below(limit) == limit - 1; }
  template <class Pool>
  const auto& From(const Pool& pool) {
    return pool[Below(pool.size())];
  }
  // Mostly the first, so that enough meets there.
  const Tenant& AnyTenant() { return Below(4) != 0 ? kTenants[0] : From(kTenants); }
  ModelFamily Family() {
    const Tenant& tenant = AnyTenant();
    return {tenant, From(kEnvironments), From(kApps), From(kAllNames)};
  }

 private:
  std::uint64_t bits_;
};

RegistrySteps::RegistrySteps(RegistryOptions options)
    : clock_(ManualClock::Create()),
      engine_(
          Engine::Open(
              {.clock = clock_, .first_revision = Revision(kFirstRevision), .registry = options})
              .value()),
      model_(options, kFirstRevision, clock_->Now().time_since_epoch(), clock_->WallNow()) {}

void RegistrySteps::Take(const Step& step) {
  Draw draw(step.bits);
  switch (step.kind) {
    case StepKind::kRegisterService:
      RegisterService(draw);
      break;
    case StepKind::kDeleteService:
      DeleteService(draw);
      break;
    case StepKind::kReadServices:
      ReadServices(draw);
      break;
    case StepKind::kRegister:
      Register(draw);
      break;
    case StepKind::kRegisterBadly:
      RegisterBadly(draw);
      break;
    case StepKind::kUnregister:
      Unregister(draw);
      break;
    case StepKind::kSetStatus:
      SetStatus(draw);
      break;
    case StepKind::kHeartbeat:
      Heartbeat(draw);
      break;
    case StepKind::kHeartbeatSet:
      HeartbeatSet(draw);
      break;
    case StepKind::kLease:
      Lease(draw);
      break;
    case StepKind::kRenew:
      Renew(draw);
      break;
    case StepKind::kAdvance:
      Advance(draw);
      break;
    case StepKind::kFind:
      Find(draw);
      break;
    case StepKind::kFindBadly:
      FindBadly(draw);
      break;
    case StepKind::kList:
      List(draw);
      break;
    case StepKind::kGet:
      Get(draw);
      break;
  }
  CheckSizes();
}

void RegistrySteps::Finish() {
  CheckEverything();
  // Everything but what has no lease ends.
  clock_->Advance(kLongSpan);
  model_.Advance(kLongSpan);
  CheckSizes();
  CheckEverything();
  for (const HeldAnswer& held : held_) {
    RC_ASSERT(ContentOf(held.result.instances()) == held.content);
  }
}

// ------------------------------------------------------------------------------------------------
// Picking

// Mostly one that is there, at times one that was, or never was.
std::string RegistrySteps::PickService(Draw& draw, const Tenant& tenant) const {
  const auto live = model_.ListServices(tenant, true);
  if (!draw.OneIn(8) && !live.empty()) return draw.From(live)->record.id.str();
  return draw.OneIn(3) || service_ids_.empty() ? "unknown" : draw.From(service_ids_);
}

std::string RegistrySteps::PickInstance(Draw& draw, const Tenant& tenant,
                                        const std::string& service_id) const {
  const ModelService* service = model_.FindService(tenant, service_id);
  if (!draw.OneIn(8) && service != nullptr && !service->instances.empty()) {
    return draw.From(service->instances).id;
  }
  if (draw.OneIn(3) || instance_ids_.empty()) return draw.From(kInstanceIds);
  return draw.From(instance_ids_);
}

std::string RegistrySteps::PickConsumer(Draw& draw, const Tenant& tenant) const {
  return draw.Below(4) == 0 ? "" : PickService(draw, tenant);
}

std::string RegistrySteps::PickKnown(Draw& draw, const std::string& question) const {
  switch (draw.Below(4)) {
    case 0:
      return "";
    case 1:
      return versions_.empty() ? "0" : draw.From(versions_);
    default: {
      const auto at = last_version_.find(question);
      return at == last_version_.end() ? "no version" : at->second.text;
    }
  }
}

// ------------------------------------------------------------------------------------------------
// Microservices

void RegistrySteps::RegisterService(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  Microservice service{.id = ServiceId(draw.From(kServiceIds)),
                       .app_id = draw.From(kApps),
                       .name = draw.From(kNames),
                       .version = draw.From(kVersions),
                       .alias = draw.From(kAliases),
                       .environment = draw.From(kEnvironments)};
  if (const std::string& cross_app = draw.From(kCrossApp); !cross_app.empty()) {
    service.properties["allowCrossApp"] = cross_app;
  }
  RC_LOG() << "register microservice " << service.app_id << "/" << service.name << "/"
           << service.version << " alias " << service.alias << " in " << service.environment
           << " id " << service.id.str() << " tenant " << tenant.domain << std::endl;

  Microservice completed = service;
  completed.level = ServiceLevel::kBack;
  completed.status = ServiceStatus::kUp;
  if (service.app_id == "default" && draw.OneIn(2)) service.app_id.clear();
  const auto expected = model_.RegisterService(tenant, completed);
  const auto got = RegistryOf(tenant).microservices().Register(service);
  RC_ASSERT(OutcomeOf(got) == OutcomeOf(expected.error));
  if (!got.ok()) return;
  RC_ASSERT(got->str() == expected.value.id);
  RC_ASSERT(IsWithin(got->revision, expected.value.at));
  service_ids_.push_back(got->str());
  CheckService(tenant, got->str());
}

void RegistrySteps::DeleteService(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  const std::string id = PickService(draw, tenant);
  const bool force = draw.OneIn(3);
  RC_LOG() << "delete microservice " << id << (force ? " by force" : "") << std::endl;
  const auto expected = model_.DeleteService(tenant, id, force);
  const auto got = RegistryOf(tenant).microservices().Delete(
      ServiceIdView(id), force ? DeleteMode::kForce : DeleteMode::kSafe);
  RC_ASSERT(OutcomeOf(got) == OutcomeOf(expected.error));
  if (got.ok()) {
    RC_ASSERT(got->number() == expected.value);
  }
  CheckService(tenant, id);
}

void RegistrySteps::ReadServices(Draw& draw) {
  const ModelFamily family = draw.Family();
  const Tenant& tenant = std::get<0>(family);
  RC_LOG() << "read microservices" << std::endl;
  CheckService(tenant, PickService(draw, tenant));
  CheckServiceList(tenant);
  CheckExists(family, draw.From(kVersions));
}

void RegistrySteps::CheckService(const Tenant& tenant, const std::string& id) {
  const ModelService* expected = model_.FindService(tenant, id);
  const auto got = RegistryOf(tenant).microservices().Get(ServiceIdView(id));
  if (expected == nullptr) {
    RC_ASSERT(OutcomeOf(got) == CodeOf(RegistryErrc::kServiceNotExists));
    return;
  }
  RC_ASSERT(OutcomeOf(got) == "ok");
  auto parts = [](const Microservice& s) {
    return std::tuple(s.id, s.app_id, s.name, s.version, s.alias, s.environment, s.properties,
                      static_cast<int>(s.level), static_cast<int>(s.status),
                      s.created.time_since_epoch().count(), s.modified.time_since_epoch().count(),
                      s.revision.number());
  };
  RC_ASSERT((parts(**got) == parts(expected->record)));
}

void RegistrySteps::CheckServiceList(const Tenant& tenant) {
  for (const SharedServices shared : {SharedServices::kHide, SharedServices::kShow}) {
    std::multiset<std::string> expected;
    for (const ModelService* s : model_.ListServices(tenant, shared == SharedServices::kShow)) {
      expected.insert(s->record.id.str());
    }
    std::multiset<std::string> got;
    const Registry registry = RegistryOf(tenant);
    const auto list = registry.microservices().List(shared);
    for (const MicroservicePtr& s : list) got.insert(s->id.str());
    RC_ASSERT(got == expected);
    RC_ASSERT((registry.microservices().List(shared) == list));
  }
}

void RegistrySteps::CheckExists(const ModelFamily& family, const std::string& version) {
  const auto& [tenant, environment, app, name] = family;
  const auto expected = model_.Exists(family, version);
  const auto got = RegistryOf(tenant).microservices().Exists(
      {.environment = environment, .app_id = app, .name = name, .version = version});
  RC_ASSERT(OutcomeOf(got) == OutcomeOf(expected.error));
  if (got.ok()) {
    RC_ASSERT(got->str() == expected.value);
  }
}

// ------------------------------------------------------------------------------------------------
// Instances

void RegistrySteps::Register(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  const std::string service_id = PickService(draw, tenant);
  const std::string wanted = draw.OneIn(2) ? PickInstance(draw, tenant, service_id) : "";
  InstanceSpec spec{.id = InstanceId(wanted),
                    .host = draw.From(kHosts),
                    .endpoints = draw.From(kEndpoints),
                    .status = draw.OneIn(4) ? InstanceStatus::kDown : InstanceStatus::kUnset};
  if (draw.OneIn(3)) spec.properties["zone"] = "z";
  switch (draw.Below(6)) {
    case 0:
      spec.health_check = HealthCheck{.interval_s = 1, .times = 1};  // Raised to 5 and 3.
      break;
    case 1:
      spec.health_check = HealthCheck{.interval_s = 6, .times = 4};
      break;
    case 2:  // Interval and times are not heard.
      spec.health_check = HealthCheck{
          .mode = HealthCheckMode::kPull, .port = 80, .interval_s = 7, .times = 9, .url = "/up"};
      break;
    default:
      break;
  }
  if (draw.OneIn(5)) spec.data_center = DataCenterInfo{"dc", "r1", "z1"};
  if (draw.OneIn(32)) spec.lease = LeaseMode::kNone;
  RC_LOG() << "register instance of " << service_id << " id " << wanted << " host " << spec.host
           << " endpoints " << spec.endpoints.size() << std::endl;

  InstanceSpec completed = spec;
  if (completed.status == InstanceStatus::kUnset) completed.status = InstanceStatus::kUp;
  if (!completed.health_check.has_value()) completed.health_check.emplace();
  HealthCheck& check = *completed.health_check;
  const bool pull = check.mode == HealthCheckMode::kPull;
  check.interval_s = pull ? 30 : std::max<std::int64_t>(check.interval_s, 5);
  check.times = pull ? 3 : std::max<std::int64_t>(check.times, 3);

  const auto allowed =
      model_.BeforeRegister(tenant, service_id, wanted == kNoId ? "" : wanted, completed);
  const auto got =
      RegistryOf(tenant).instances().Register(ServiceIdView(service_id), std::move(spec));
  RC_ASSERT(OutcomeOf(got) == OutcomeOf(allowed.error));
  if (!got.ok()) return;
  const std::string id = got->str();
  if (allowed.ids.empty()) {
    RC_ASSERT(Is128Bits(id));
    RC_ASSERT(std::ranges::count(instance_ids_, id) == 0);
  } else {
    RC_ASSERT(std::ranges::count(allowed.ids, id) > 0);
  }
  const ModelInstance& instance = model_.Registered(tenant, service_id, id, completed);
  RC_ASSERT(got->revision.number() == instance.revision);
  instance_ids_.push_back(id);
  CheckGet(tenant, service_id, id, "");
}

// What breaks a rule changes nothing.
void RegistrySteps::RegisterBadly(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  const std::string service_id = PickService(draw, tenant);
  RC_LOG() << "register what is not allowed" << std::endl;
  Registry registry = RegistryOf(tenant);
  const std::string invalid = CodeOf(RegistryErrc::kInvalidParams);

  std::array<Microservice, 5> services;
  services.fill({.app_id = "shop", .name = "a", .version = "1.0"});
  services[0].name = "a b";
  services[1].version = "latest";
  services[2].environment = "elsewhere";
  services[3].alias = "x/y";
  services[4].id = ServiceId("a b");
  RC_ASSERT(OutcomeOf(registry.microservices().Register(draw.From(services))) == invalid);

  std::array<InstanceSpec, 5> specs;
  specs.fill({.host = "h1", .endpoints = {"rest://1:1"}});
  specs[0].host = "  ";
  specs[1].endpoints.emplace_back("");
  specs[2].health_check = HealthCheck{.interval_s = 0};
  specs[3].id = InstanceId("a b");
  specs[4].data_center.emplace();
  const auto got = registry.instances().Register(ServiceIdView(service_id), draw.From(specs));
  RC_ASSERT(OutcomeOf(got) == invalid);
  RC_ASSERT(OutcomeOf(registry.instances().Register(ServiceIdView("a b"), {.host = "h"})) ==
            invalid);
}

void RegistrySteps::Unregister(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  const std::string service_id = PickService(draw, tenant);
  const std::string id = PickInstance(draw, tenant, service_id);
  RC_LOG() << "unregister " << service_id << "/" << id << std::endl;
  const auto expected = model_.Unregister(tenant, service_id, id);
  const auto got =
      RegistryOf(tenant).instances().Unregister(ServiceIdView(service_id), InstanceIdView(id));
  if (!expected.has_value()) {
    RC_ASSERT(OutcomeOf(got) == CodeOf(RegistryErrc::kInstanceNotExists));
    return;
  }
  RC_ASSERT(OutcomeOf(got) == "ok");
  RC_ASSERT(got->number() == *expected);
}

void RegistrySteps::SetStatus(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  const std::string service_id = PickService(draw, tenant);
  const std::string id = PickInstance(draw, tenant, service_id);
  const InstanceStatus status = draw.OneIn(2) ? InstanceStatus::kOutOfService : InstanceStatus::kUp;
  RC_LOG() << "set status of " << service_id << "/" << id << std::endl;
  const auto expected = model_.SetStatus(tenant, service_id, id, status);
  const auto got = RegistryOf(tenant).instances().SetStatus(ServiceIdView(service_id),
                                                            InstanceIdView(id), status);
  if (!expected.has_value()) {
    RC_ASSERT(OutcomeOf(got) == CodeOf(RegistryErrc::kInstanceNotExists));
    return;
  }
  RC_ASSERT(OutcomeOf(got) == "ok");
  RC_ASSERT(got->number() == *expected);
}

void RegistrySteps::Heartbeat(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  const std::string service_id = PickService(draw, tenant);
  const std::string id = PickInstance(draw, tenant, service_id);
  RC_LOG() << "heartbeat " << service_id << "/" << id << std::endl;
  const bool expected = model_.Heartbeat(tenant, service_id, id);
  Registry registry = RegistryOf(tenant);
  Instances instances = registry.instances();
  const Status got =
      draw.OneIn(2)
          ? instances.Heartbeat(ServiceIdView(service_id), InstanceIdView(id))
          : instances.Heartbeat(ServiceIdView(service_id), InstanceIdView(id), clock_->Now());
  RC_ASSERT(OutcomeOf(got) == (expected ? "ok" : CodeOf(RegistryErrc::kInstanceNotExists)));
}

void RegistrySteps::HeartbeatSet(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  std::vector<std::pair<std::string, std::string>> ids;
  for (std::size_t i = draw.Below(4); i > 0; --i) {
    const std::string service_id = PickService(draw, tenant);
    ids.emplace_back(service_id, PickInstance(draw, tenant, service_id));
  }
  RC_LOG() << "heartbeats of " << ids.size() << std::endl;
  std::vector<HeartbeatTarget> targets;
  std::vector<bool> expected;
  for (const auto& [service_id, id] : ids) {
    targets.push_back({ServiceIdView(service_id), InstanceIdView(id)});
    expected.push_back(model_.Heartbeat(tenant, service_id, id));
  }
  RC_ASSERT(RegistryOf(tenant).instances().HeartbeatSet(targets) == expected);
}

void RegistrySteps::Lease(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  const std::string service_id = PickService(draw, tenant);
  const std::string id = PickInstance(draw, tenant, service_id);
  RC_LOG() << "lease of " << service_id << "/" << id << std::endl;
  const ModelInstance* expected = model_.FindInstance(tenant, service_id, id);
  const auto got =
      RegistryOf(tenant).instances().Lease(ServiceIdView(service_id), InstanceIdView(id));
  if (expected == nullptr) {
    RC_ASSERT(OutcomeOf(got) == CodeOf(RegistryErrc::kInstanceNotExists));
    return;
  }
  RC_ASSERT(OutcomeOf(got) == "ok");
  leases_.push_back({*got, tenant, service_id, id, expected->serial});
}

void RegistrySteps::Renew(Draw& draw) {
  if (leases_.empty()) return;
  const HeldLease& held = draw.From(leases_);
  RC_LOG() << "renew " << held.service_id << "/" << held.id << std::endl;
  const ModelInstance* instance = model_.FindInstance(held.tenant, held.service_id, held.id);
  // One of a text is of that very instance; one of 128 bits is of whoever bears the id.
  const bool expected =
      instance != nullptr && (Is128Bits(held.id) || instance->serial == held.serial);
  if (expected) model_.Heartbeat(held.tenant, held.service_id, held.id);
  RC_ASSERT(RegistryOf(held.tenant).instances().Renew(held.lease, clock_->Now()) == expected);
}

void RegistrySteps::Advance(Draw& draw) {
  const Millis by = draw.OneIn(32) ? kLongSpan : draw.From(kSpans);
  RC_LOG() << "advance by " << by.count() << " ms" << std::endl;
  model_.Advance(by);
  clock_->Advance(by);
}

// ------------------------------------------------------------------------------------------------
// Discovery

void RegistrySteps::Find(Draw& draw) {
  ModelFamily family = draw.Family();
  if (!model_.services().empty() && !draw.OneIn(4)) {
    const ModelService& service = draw.From(model_.services());
    family = service.record.alias.empty() || draw.OneIn(2) ? service.name_family()
                                                           : service.alias_family();
  }
  const std::string consumer = PickConsumer(draw, std::get<0>(family));
  const bool tagged = draw.OneIn(8);
  const std::string question = "find " + TextOf(family) + " by " + consumer;
  const std::string known = PickKnown(draw, question);
  RC_LOG() << question << (tagged ? " with a tag" : "") << " knowing " << known << std::endl;
  CheckFind(family, consumer, tagged, known);
}

void RegistrySteps::CheckFind(const ModelFamily& family, const std::string& consumer, bool tagged,
                              const std::string& known) {
  const auto& [tenant, environment, app, name] = family;
  const std::string question = "find " + TextOf(family) + " by " + consumer;
  const std::string_view tag = "t";
  FindQuery query{.environment = environment, .app_id = app, .name = name, .known = known};
  if (tagged) query.tags = {&tag, 1};
  auto ask = [&] {
    const Registry registry = RegistryOf(tenant);
    return consumer.empty() ? registry.discovery().Find(query)
                            : registry.discovery().Find(ServiceIdView(consumer), query);
  };
  const auto expected = model_.Find(family, consumer, tagged);
  Result<FindResult> got = ask();
  const std::string version = got.ok() ? got->version().str() : "";
  CheckAnswer(tagged ? question + " tagged" : question, std::move(got), expected, known);
  if (version.empty()) return;
  // Who knows this answer hears that it still holds, and nothing else.
  query.known = version;
  const auto again = ask();
  RC_ASSERT(OutcomeOf(again) == "ok");
  RC_ASSERT(again->not_modified());
  RC_ASSERT(again->instances().empty());
  RC_ASSERT(again->version().str() == version);
}

void RegistrySteps::FindBadly(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  RC_LOG() << "find what is not allowed" << std::endl;
  const std::string_view bad_tag = "1";
  std::array<FindQuery, 5> queries;
  queries.fill({.app_id = "shop", .name = "nobody"});
  queries[0].environment = "elsewhere";
  queries[1].app_id = "";
  queries[2].name = "";
  queries[3].name = "a b";
  queries[4].tags = {&bad_tag, 1};
  const auto got = RegistryOf(tenant).discovery().Find(draw.From(queries));
  RC_ASSERT(OutcomeOf(got) == CodeOf(RegistryErrc::kInvalidParams));
}

void RegistrySteps::List(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  const std::string service_id = PickService(draw, tenant);
  const std::string consumer = PickConsumer(draw, tenant);
  const bool tagged = draw.OneIn(8);
  const std::string question = "list " + tenant.domain + " " + service_id + " by " + consumer;
  const std::string known = PickKnown(draw, question);
  RC_LOG() << question << (tagged ? " with a tag" : "") << " knowing " << known << std::endl;
  CheckList(tenant, service_id, consumer, tagged, known);
}

void RegistrySteps::CheckList(const Tenant& tenant, const std::string& service_id,
                              const std::string& consumer, bool tagged, const std::string& known) {
  const std::string question = "list " + tenant.domain + " " + service_id + " by " + consumer;
  const std::string_view tag = "t";
  ListQuery query{.consumer = ServiceIdView(consumer), .known = known};
  if (tagged) query.tags = {&tag, 1};
  const auto expected = model_.List(tenant, service_id, consumer, tagged);
  CheckAnswer(question, RegistryOf(tenant).instances().List(ServiceIdView(service_id), query),
              expected, known);
}

void RegistrySteps::CheckAnswer(const std::string& question, Result<FindResult> got,
                                const Expected<ModelAnswer>& expected, const std::string& known) {
  const std::string asked = question + ": ";
  RC_ASSERT(asked + OutcomeOf(got) == asked + OutcomeOf(expected.error));
  if (!got.ok()) return;
  const ModelAnswer& answer = expected.value;
  const std::string content = ContentOf(answer);
  const ListVersion version = got->version();
  const std::string text = version.str();
  RC_ASSERT(version.Is(text));
  RC_ASSERT(got->not_modified() == (known == text));
  RC_ASSERT(asked + ContentOf(got->instances()) == asked + (got->not_modified() ? "" : content));

  // The revision is the family's last change, and so moves with nothing else.
  RC_ASSERT(IsWithin(version.revision(), model_.LastChangeOf(answer.family)));
  model_.Observe(answer.family, version.revision().number());

  // Equal versions, equal answers: whoever asked, and whatever lies in between.
  const auto [same, is_new] = content_of_.emplace(TextOf(answer.family) + " " + text, content);
  RC_ASSERT(same->second == content);
  LastVersion& last = last_version_[question];
  if (last.revision == version.revision().number()) {
    RC_ASSERT(content_of_.at(TextOf(answer.family) + " " + last.text) != content ||
              last.text == text);
  }
  RC_ASSERT(last.revision <= version.revision().number());
  last = {text, version.revision().number()};
  versions_.push_back(text);

  if (!got->not_modified()) {
    held_.push_back({std::move(*got), content});
    if (held_.size() > kHeldMax) held_.pop_front();
  }
}

void RegistrySteps::Get(Draw& draw) {
  const Tenant& tenant = draw.AnyTenant();
  const std::string service_id = PickService(draw, tenant);
  const std::string id = PickInstance(draw, tenant, service_id);
  const std::string consumer = PickConsumer(draw, tenant);
  RC_LOG() << "get " << service_id << "/" << id << " by " << consumer << std::endl;
  CheckGet(tenant, service_id, id, consumer);
}

void RegistrySteps::CheckGet(const Tenant& tenant, const std::string& service_id,
                             const std::string& id, const std::string& consumer) {
  const std::string question = "get " + service_id + "/" + id + " by " + consumer + ": ";
  const auto expected = model_.Get(tenant, service_id, id, consumer);
  const auto got = RegistryOf(tenant).instances().Get(ServiceIdView(service_id), InstanceIdView(id),
                                                      ServiceIdView(consumer));
  RC_ASSERT(question + OutcomeOf(got) == question + OutcomeOf(expected.error));
  if (!got.ok()) return;
  RC_ASSERT(Describe(*got) == Describe(*model_.FindService(tenant, service_id), *expected.value));
}

// ------------------------------------------------------------------------------------------------
// All of it

void RegistrySteps::CheckEverything() {
  for (const Tenant& tenant : kTenants) {
    CheckServiceList(tenant);
    std::vector<std::string> consumers = {""};
    for (const ModelService* s : model_.ListServices(tenant, true)) {
      consumers.push_back(s->record.id.str());
    }
    for (const std::string& environment : kEnvironments) {
      for (const std::string& app : kApps) {
        for (const std::string& name : kAllNames) {
          const ModelFamily family{tenant, environment, app, name};
          CheckExists(family, kVersions[0]);
          for (const std::string& consumer : consumers) CheckFind(family, consumer, false, "");
        }
      }
    }
    for (const std::string& consumer : consumers) {
      for (const ModelService* s : model_.ListServices(tenant, true)) {
        const std::string id = s->record.id.str();
        CheckList(tenant, id, consumer, false, "");
        for (const ModelInstance& i : s->instances) CheckGet(tenant, id, i.id, consumer);
      }
    }
  }
}

void RegistrySteps::CheckSizes() {
  const EngineMetrics got = engine_->metrics();
  RC_ASSERT(got.revision.number() == model_.revision());
  RC_ASSERT(engine_->revision() == got.revision);
  RC_ASSERT(got.tenants == model_.tenant_count());
  RC_ASSERT(got.services == model_.service_count());
  RC_ASSERT(got.instances == model_.instance_count());
  RC_ASSERT(got.expired_instances == model_.expired_count());
}

}  // namespace skep::testing
