// RegistrySteps: random use of a registry's public interface, each answer compared with the
// model's.
//
// A Step is a kind and 64 random bits, from which the kind draws its arguments, out of small pools,
// so that ids and names meet each other again and again. A failure is an assertion of RapidCheck's;
// the steps taken until then are in its log.
#ifndef SKEP_TESTS_MODEL_REGISTRY_STEPS_H_
#define SKEP_TESTS_MODEL_REGISTRY_STEPS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "skep/skep.h"
#include "tests/model/registry_model.h"

namespace skep::testing {

enum class StepKind {
  kRegisterService,
  kDeleteService,
  kReadServices,
  kRegister,
  kRegisterBadly,
  kUnregister,
  kSetStatus,
  kHeartbeat,
  kHeartbeatSet,
  kLease,
  kRenew,
  kAdvance,
  kFind,
  kFindBadly,
  kList,
  kGet,
};

struct Step {
  StepKind kind = StepKind::kRegisterService;
  std::uint64_t bits = 0;
};

std::ostream& operator<<(std::ostream& out, const Step& step);

class RegistrySteps {
 public:
  explicit RegistrySteps(RegistryOptions options);

  void Take(const Step& step);

  /// Asks every question that the pools allow, ends all leases, and asks again.
  void Finish();

 private:
  class Draw;

  // A lease that was looked up, and what it was the lease of.
  struct HeldLease {
    LeaseRef lease;
    Tenant tenant;
    std::string service_id;
    std::string id;
    std::uint64_t serial = 0;
  };

  // An answer that is kept while the registry goes on, and what was in it.
  struct HeldAnswer {
    FindResult result;
    std::string content;
  };

  // The last version of one question's answer.
  struct LastVersion {
    std::string text;
    std::uint64_t revision = 0;
  };

  void RegisterService(Draw& draw);
  void DeleteService(Draw& draw);
  void ReadServices(Draw& draw);
  void Register(Draw& draw);
  void RegisterBadly(Draw& draw);
  void Unregister(Draw& draw);
  void SetStatus(Draw& draw);
  void Heartbeat(Draw& draw);
  void HeartbeatSet(Draw& draw);
  void Lease(Draw& draw);
  void Renew(Draw& draw);
  void Advance(Draw& draw);
  void Find(Draw& draw);
  void FindBadly(Draw& draw);
  void List(Draw& draw);
  void Get(Draw& draw);

  void CheckFind(const ModelFamily& family, const std::string& consumer, bool tagged,
                 const std::string& known);
  void CheckList(const Tenant& tenant, const std::string& service_id, const std::string& consumer,
                 bool tagged, const std::string& known);
  void CheckGet(const Tenant& tenant, const std::string& service_id, const std::string& id,
                const std::string& consumer);
  void CheckService(const Tenant& tenant, const std::string& id);
  void CheckServiceList(const Tenant& tenant);
  void CheckExists(const ModelFamily& family, const std::string& version);
  void CheckAnswer(const std::string& question, Result<FindResult> got,
                   const Expected<ModelAnswer>& expected, const std::string& known);
  void CheckEverything();
  void CheckSizes();

  std::string PickService(Draw& draw, const Tenant& tenant) const;
  std::string PickInstance(Draw& draw, const Tenant& tenant, const std::string& service_id) const;
  std::string PickConsumer(Draw& draw, const Tenant& tenant) const;
  std::string PickKnown(Draw& draw, const std::string& question) const;
  Registry RegistryOf(const Tenant& tenant) { return engine_->registry(tenant); }

  const std::shared_ptr<ManualClock> clock_;
  const std::unique_ptr<Engine> engine_;
  RegistryModel model_;
  std::vector<std::string> service_ids_;   ///< Every one that ever was.
  std::vector<std::string> instance_ids_;  ///< The same.
  std::vector<HeldLease> leases_;
  std::deque<HeldAnswer> held_;
  std::vector<std::string> versions_;  ///< Texts of versions that were answered.
  std::map<std::string, LastVersion> last_version_;
  /// By family and version, what was in the answer: equal versions, equal answers.
  std::map<std::string, std::string> content_of_;
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_MODEL_REGISTRY_STEPS_H_
