#include "storage/acked.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using storage::Acked;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Notes what is waited for, and answers as it is told to.
class FakeWatermark final : public storage::Watermark {
 public:
  Status WaitDurable(Revision revision) override {
    waits.push_back(revision);
    return answer;
  }
  void WhenDurable(Revision, std::function<void(Status)> fn) override { fn(answer); }

  Status answer;
  std::vector<Revision> waits;
};

const Error kFailed(EngineErrc::kStorageFailed, "no space");

TEST(Acked, DurableWaitsForTheRevision) {
  FakeWatermark watermark;
  EXPECT_EQ(Acked<Revision>(&watermark, Ack::kDurable, Revision(3)).value(), Revision(3));
  const Written<std::string> written("id", Revision(4));
  EXPECT_EQ(Acked<Written<std::string>>(&watermark, Ack::kDurable, written).value(), "id");
  EXPECT_THAT(watermark.waits, ElementsAre(Revision(3), Revision(4)));
}

TEST(Acked, PublishedWaitsForNothing) {
  FakeWatermark watermark;
  watermark.answer = kFailed;
  EXPECT_THAT(Acked<Revision>(&watermark, Ack::kPublished, Revision(3)), IsOk());
  EXPECT_THAT(watermark.waits, IsEmpty());
}

TEST(Acked, ErrorWaitsForWhatItRestsOn) {
  FakeWatermark watermark;
  const Error conflict(EngineErrc::kInvalidOptions, "", Revision(5));
  EXPECT_THAT(Acked<Revision>(&watermark, Ack::kDurable, conflict),
              ErrorIs(EngineErrc::kInvalidOptions));
  const Error plain(EngineErrc::kInvalidOptions, "");
  EXPECT_THAT(Acked<Revision>(&watermark, Ack::kDurable, plain),
              ErrorIs(EngineErrc::kInvalidOptions));
  EXPECT_THAT(watermark.waits, ElementsAre(Revision(5)));
}

TEST(Acked, WhatCannotBecomeDurableIsAnError) {
  FakeWatermark watermark;
  watermark.answer = kFailed;
  EXPECT_THAT(Acked<Revision>(&watermark, Ack::kDurable, Revision(3)),
              ErrorIs(EngineErrc::kStorageFailed));
}

TEST(Acked, WithoutStorageThereIsNothingToWaitFor) {
  EXPECT_THAT(Acked<Revision>(nullptr, Ack::kDurable, Revision(3)), IsOk());
}

}  // namespace
}  // namespace skep::testing
