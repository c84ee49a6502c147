#include "server/codec/error_json.h"

#include <gtest/gtest.h>

#include <string>

#include "skep/kie/errors.h"
#include "skep/registry/errors.h"

namespace skep::server {
namespace {

std::string Body(const Error& error) {
  std::string out;
  AppendError(error, &out);
  return out;
}

// A client searches the raw bytes for "errorCode":"400012".
TEST(ErrorJson, BodyIsCompactWithTheCodeAsAString) {
  EXPECT_EQ(Body({RegistryErrc::kServiceNotExists, "no \"cart\""}),
            R"({"errorCode":"400012","errorMessage":"Micro-service does not exist",)"
            R"("detail":"no \"cart\""})");
}

TEST(ErrorJson, EmptyDetailIsLeftOut) {
  EXPECT_EQ(Body({RegistryErrc::kInstanceNotExists, ""}),
            R"({"errorCode":"400017","errorMessage":"Instance does not exist"})");
}

TEST(ErrorJson, StatusIsTheNumberWithoutItsLastThreeDigits) {
  EXPECT_EQ(HttpStatusOf({RegistryErrc::kInvalidParams, ""}), 400);
  EXPECT_EQ(HttpStatusOf({RegistryErrc::kForbidden, ""}), 403);
  EXPECT_EQ(HttpStatusOf({RegistryErrc::kTooManyRequests, ""}), 429);
  EXPECT_EQ(HttpStatusOf({RegistryErrc::kInternal, ""}), 500);
  EXPECT_EQ(HttpStatusOf({RegistryErrc::kUnavailable, ""}), 503);
}

TEST(ErrorJson, ErrorWithoutANumberOnTheWireBecomesInternal) {
  const Error wire = ToWireError({EngineErrc::kSystem, "disk on fire", Revision(5)});
  EXPECT_EQ(Body(wire), R"({"errorCode":"500003","errorMessage":"Internal server error",)"
                        R"("detail":"5 system error: disk on fire"})");
  EXPECT_EQ(wire.rests_on(), Revision(5));
}

TEST(ErrorJson, WhatTheStorageSaysHasANumberInBothApis) {
  const Error failed(EngineErrc::kStorageFailed, "disk full", Revision(5));
  const Error busy(EngineErrc::kStorageBusy, "wait", Revision(6));
  EXPECT_EQ(ToWireError(failed), RegistryErrc::kUnavailable);
  EXPECT_EQ(ToWireError(failed, Api::kConfig), KieErrc::kUnavailable);
  EXPECT_EQ(ToWireError(busy), RegistryErrc::kTooManyRequests);
  EXPECT_EQ(ToWireError(busy, Api::kConfig), KieErrc::kTooManyRequests);
  EXPECT_EQ(ToWireError(failed).detail(), "disk full");
  EXPECT_EQ(ToWireError(failed).rests_on(), Revision(5));
}

TEST(ErrorJson, TextInsideOtherMessages) {
  EXPECT_EQ(ErrorText({RegistryErrc::kInstanceNotExists, "leaseId not exist"}),
            "Instance does not exist(leaseId not exist)");
  EXPECT_EQ(ErrorText({RegistryErrc::kInstanceNotExists, ""}), "Instance does not exist");
}

}  // namespace
}  // namespace skep::server
