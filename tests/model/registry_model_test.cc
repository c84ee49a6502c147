// The registry beside the model of it. A failure prints the shortest steps that show it, and the
// line RC_PARAMS="..." that repeats it; RC_PARAMS="seed=N max_success=N max_size=N" asks for other
// steps.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "tests/model/registry_steps.h"

namespace skep::testing {
namespace {

rc::Gen<StepKind> AnyKind() {
  return rc::gen::weightedElement<StepKind>({{6, StepKind::kRegisterService},
                                             {2, StepKind::kDeleteService},
                                             {2, StepKind::kReadServices},
                                             {24, StepKind::kRegister},
                                             {1, StepKind::kRegisterBadly},
                                             {4, StepKind::kUnregister},
                                             {3, StepKind::kSetStatus},
                                             {4, StepKind::kHeartbeat},
                                             {2, StepKind::kHeartbeatSet},
                                             {2, StepKind::kLease},
                                             {3, StepKind::kRenew},
                                             {6, StepKind::kAdvance},
                                             {14, StepKind::kFind},
                                             {1, StepKind::kFindBadly},
                                             {6, StepKind::kList},
                                             {3, StepKind::kGet}});
}

rc::Gen<std::vector<Step>> AnySteps() {
  // Bits are drawn at full size, whatever the size of the list.
  const auto step = rc::gen::build<Step>(
      rc::gen::set(&Step::kind, AnyKind()),
      rc::gen::set(&Step::bits,
                   rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>())));
  constexpr double kStepsPerSize = 10;
  return rc::gen::scale(kStepsPerSize, rc::gen::container<std::vector<Step>>(step));
}

void TakeAnySteps(const RegistryOptions& options) {
  const std::vector<Step> steps = *AnySteps();
  RegistrySteps both(options);
  for (const Step& step : steps) both.Take(step);
  both.Finish();
}

// Limits so low that the steps reach them.
RegistryOptions Small() {
  return {.shared_services = {"common"}, .services_max = 7, .instances_max = 16, .tenants_max = 2};
}

RC_GTEST_PROP(RegistryModel, AnyStepsAgree, ()) { TakeAnySteps(Small()); }

RC_GTEST_PROP(RegistryModel, AnyStepsAgreeWhereEqualEndpointsAreTwoInstances, ()) {
  RegistryOptions options = Small();
  options.reuse_id_of_equal_endpoints = false;
  TakeAnySteps(options);
}

}  // namespace
}  // namespace skep::testing
