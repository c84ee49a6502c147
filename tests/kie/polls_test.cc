// The polling track (spec kie 8).
#include <gmock/gmock.h>

#include "tests/support/error_matchers.h"
#include "tests/support/kie_fixture.h"

namespace skep {
namespace {

using ::testing::ElementsAre;
using testing::ErrorIs;

class KiePollsTest : public testing::KieFixture {
 protected:
  void Track(std::string session, Revision revision = Revision(1), std::string agent = "curl",
             std::vector<KeyValuePtr> items = {}) {
    config().TrackPoll({.session_id = std::move(session),
                        .ip = "9.9.9.9",
                        .user_agent = std::move(agent),
                        .url_path = "GET /v1/default/kie/kv",
                        .revision = revision,
                        .items = std::move(items)});
  }
  std::vector<std::string> Sessions(const PollQuery& query) {
    std::vector<std::string> sessions;
    const auto found = config().Polls(query);
    if (!found.ok()) return sessions;
    for (const auto& record : *found) sessions.push_back(record->session_id);
    return sessions;
  }
};

TEST_F(KiePollsTest, AllThatIsAskedMustBeEqual) {
  Track("s1", Revision(1), "a");
  Track("s2", Revision(2), "a");
  Track("s3", Revision(2), "b");
  EXPECT_THAT(Sessions({}), ElementsAre("s1", "s2", "s3"));
  EXPECT_THAT(Sessions({.session_id = "s2"}), ElementsAre("s2"));
  EXPECT_THAT(Sessions({.user_agent = "a"}), ElementsAre("s1", "s2"));
  EXPECT_THAT(Sessions({.revision = "2"}), ElementsAre("s2", "s3"));
  EXPECT_THAT(Sessions({.user_agent = "b", .revision = "2"}), ElementsAre("s3"));
  EXPECT_THAT(Sessions({.ip = "9.9.9.9", .url_path = "GET /v1/default/kie/kv"}).size(), 3u);
  EXPECT_THAT(config().Polls({.session_id = "s1", .user_agent = "b"}),
              ErrorIs(KieErrc::kNotExists, "can not find any polling data"));
  EXPECT_THAT(engine().config({.project = "p"}).Polls({}), ErrorIs(KieErrc::kNotExists));
}

TEST_F(KiePollsTest, ASecondPollAtOneRevisionTakesTheFirstOnesPlace) {
  Track("s", Revision(1), "old");
  Track("s", Revision(1), "new");
  Track("s", Revision(2), "new");
  const auto found = config().Polls({}).value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0]->user_agent, "new");
  EXPECT_EQ(found[0]->time, engine().clock().WallNow());
}

TEST_F(KiePollsTest, TheOldestMakeRoom) {
  Reopen({.polls_max = 2});
  for (const char* session : {"a", "b", "c"}) Track(session);
  EXPECT_THAT(Sessions({}), ElementsAre("b", "c"));
}

TEST_F(KiePollsTest, ItemsHaveALimitTogether) {
  Reopen({.poll_items_max = 3});
  const KeyValuePtr kv = Add("k", "v").kv;
  Track("a", Revision(1), "", {kv, kv});
  Track("b", Revision(1), "", {kv});
  EXPECT_THAT(Sessions({}), ElementsAre("a", "b"));
  Track("c", Revision(1), "", {kv, kv});
  EXPECT_THAT(Sessions({}), ElementsAre("b", "c"));
  Track("d", Revision(1), "", {kv, kv, kv, kv});  // Never fits.
  EXPECT_THAT(Sessions({}), ElementsAre("b", "c"));
}

TEST_F(KiePollsTest, LongTextsAreCutAtACharacter) {
  std::string agent(1023, 'a');
  agent += "\xc3\xa9";
  Track("s", Revision(1), agent);
  EXPECT_EQ(config().Polls({}).value()[0]->user_agent, std::string(1023, 'a'));
}

}  // namespace
}  // namespace skep
