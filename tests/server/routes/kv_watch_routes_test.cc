#include "server/routes/kv_watch_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/server/routes/stream_fixture.h"

namespace skep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class KvWatchRoutesTest : public skep::testing::StreamFixture {
 protected:
  static constexpr std::string_view kEvents = "/v1/default/kie/events";

  ConfigCenter& config() { return engine().config(); }
  std::string Add(std::string key, Labels labels = {}, std::string value = "v") {
    return config()
        .Create({.key = std::move(key),
                 .value = std::move(value),
                 .labels = std::move(labels),
                 .status = KvStatus::kEnabled})
        .value()
        .id;
  }
  // The keys of a stream's first event.
  std::vector<std::string> Keys(const std::string& query) {
    const auto stream = Follow(std::string(kEvents) + query);
    std::vector<std::string> keys;
    std::string text = Said(*stream).at(0);
    constexpr std::string_view kBefore = R"("key":")";
    for (std::size_t at = text.find(kBefore); at != std::string::npos;
         at = text.find(kBefore, at)) {
      at += kBefore.size();
      keys.push_back(text.substr(at, text.find('"', at) - at));
    }
    return keys;
  }
};

TEST_F(KvWatchRoutesTest, BeginWithASnapshotAndHaveRevisionsAsIds) {
  const std::string id = Add("a", {{"app", "shop"}});
  const auto stream = Follow(kEvents, {{"Accept", "text/event-stream"}});
  EXPECT_EQ(kind_, StreamKind::kEvents);
  EXPECT_EQ(answer_.status, 200);
  EXPECT_EQ(answer_.content_type, "text/event-stream");
  EXPECT_EQ(answer_.Header("Cache-Control"), "no-cache");
  EXPECT_THAT(Said(*stream),
              ElementsAre("event: snapshot\nid: 1\ndata: {\"events\":[{\"action\":\"INIT\",\"kv\":"
                          "{\"id\":\"" +
                          id +
                          "\",\"key\":\"a\",\"value\":\"v\",\"value_type\":\"text\","
                          "\"create_revision\":1,\"update_revision\":1,\"status\":\"enabled\","
                          "\"create_time\":1704067200,\"update_time\":1704067200,"
                          "\"labels\":{\"app\":\"shop\"}}}]}\n\n"));
  Add("b");
  EXPECT_EQ(waker_->wakes, 2) << "once for the snapshot";
  EXPECT_THAT(Said(*stream),
              ElementsAre(StartsWith("event: change\nid: 2\ndata: {\"events\":[{\"action\":"
                                     "\"CREATE\",\"kv\":{")));
}

TEST_F(KvWatchRoutesTest, EachAction) {
  const auto stream = Follow(std::string(kEvents) + "?status=enabled");
  Said(*stream);
  const std::string id = Add("a");
  config().Update(id, {.value = "w"}).value();
  config().Update(id, {.status = KvStatus::kDisabled}).value();
  EXPECT_THAT(Said(*stream),
              ElementsAre(HasSubstr(R"("action":"CREATE")"), HasSubstr(R"("action":"UPDATE")"),
                          HasSubstr(R"("action":"DELETE")")));
  config().Delete(id).value();
  EXPECT_THAT(Said(*stream), ElementsAre());
}

TEST_F(KvWatchRoutesTest, OneRevisionIsOneEvent) {
  const auto stream = Follow(kEvents);
  Said(*stream);
  config().Import({{.key = "a"}, {.key = "b"}}, {.atomic = true}).value();
  const std::vector<std::string> said = Said(*stream);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_THAT(said[0], HasSubstr(R"("key":"a")"));
  EXPECT_THAT(said[0], HasSubstr(R"("key":"b")"));
}

TEST_F(KvWatchRoutesTest, SelectAsAListDoes) {
  Add("db.url", {{"app", "shop"}});
  Add("db.pool", {{"app", "shop"}, {"service", "cart"}});
  const std::string off = Add("x", {{"app", "blog"}}, "special");
  config().Update(off, {.status = KvStatus::kDisabled}).value();
  EXPECT_EQ(Keys("").size(), 3u);
  EXPECT_EQ(Keys("?label=app:shop").size(), 2u);
  EXPECT_THAT(Keys("?label=app:shop&match=exact"), ElementsAre("db.url"));
  EXPECT_THAT(Keys("?label=app:shop&label=service:cart"), ElementsAre("db.pool"));
  EXPECT_THAT(Keys("?key=wildcard(*.url)"), ElementsAre("db.url"));
  EXPECT_THAT(Keys("?status=disabled"), ElementsAre("x"));
  EXPECT_THAT(Keys("?value=spec"), ElementsAre("x"));
  EXPECT_EQ(Get(std::string(kEvents) + "?label=app").ErrorCode(), "400001");
  EXPECT_EQ(Get(std::string(kEvents) + "?status=maybe").ErrorCode(), "400001");
  EXPECT_EQ(Get(std::string(kEvents) + "?key=beginWith").ErrorCode(), "");
  EXPECT_EQ(Get(std::string(kEvents) + "?key=a%20b").ErrorCode(), "400001");
}

TEST_F(KvWatchRoutesTest, AreOfTheirProject) {
  const auto stream = Follow("/v1/acme/kie/events");
  Said(*stream);
  Add("a");
  EXPECT_THAT(Said(*stream), ElementsAre());
  engine().config({"default", "acme"}).Create({.key = "b"}).value();
  EXPECT_THAT(Said(*stream), ElementsAre(HasSubstr(R"("key":"b")")));
}

TEST_F(KvWatchRoutesTest, GoOnBehindTheLastEventId) {
  const auto first = Follow(kEvents);
  Said(*first);
  Add("a");
  const auto again = Follow(kEvents, {{"Last-Event-ID", Id()}});
  Add("b");
  const std::vector<std::string> said = Said(*again);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_THAT(said[0], HasSubstr(R"("key":"b")"));
}

TEST_F(KvWatchRoutesTest, GoOnBehindAList) {
  const auto keeps = Follow(kEvents);
  Add("a");
  const std::string revision = Get("/v1/default/kie/kv").Header("X-Kie-Revision");
  Add("b");
  const auto stream = Follow(kEvents, {{"Last-Event-ID", revision}});
  EXPECT_THAT(Said(*stream), ElementsAre(HasSubstr(R"("key":"b")")));
}

TEST_F(KvWatchRoutesTest, LastEventIdThatIsNotKeptIsAResetAndASnapshot) {
  Add("a");
  Add("b");
  for (const std::string_view id : {"1", "999999", "no number", "99999999999999999999999"}) {
    const auto stream = Follow(kEvents, {{"last-event-id", id}});
    EXPECT_THAT(Said(*stream),
                ElementsAre(StartsWith("event: reset\n"), StartsWith("event: snapshot\n")))
        << id;
  }
}

// All that ever happened is kept, so that any number would be one to go on from.
TEST_F(KvWatchRoutesTest, LastEventIdThatIsNoNumberIsAResetInANewEngineToo) {
  const auto keeps = Follow(kEvents);
  Add("a");
  EXPECT_THAT(Said(*Follow(kEvents, {{"Last-Event-ID", "0"}})),
              ElementsAre(StartsWith("event: change\n")));
  for (const std::string_view id : {"1x", "no number", "-1", "99999999999999999999999"}) {
    EXPECT_THAT(Said(*Follow(kEvents, {{"Last-Event-ID", id}})),
                ElementsAre(StartsWith("event: reset\n"), StartsWith("event: snapshot\n")))
        << id;
  }
}

// Neither many items nor large ones keep the thread for long.
TEST_F(KvWatchRoutesTest, LargeSnapshotIsOneEventInSlices) {
  for (int i = 0; i < 70; ++i) Add("k" + std::to_string(i));
  EXPECT_EQ(Said(*Follow(kEvents)).size(), 3u);
  for (int i = 0; i < 5; ++i) {
    Add("large" + std::to_string(i), {{"app", "large"}}, std::string(100'000, 'x'));
  }
  const std::vector<std::string> said = Said(*Follow(std::string(kEvents) + "?label=app:large"));
  ASSERT_EQ(said.size(), 5u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_THAT(said[i], Not(EndsWith("\n")));
  EXPECT_THAT(said[4], EndsWith("}]}\n\n"));
}

TEST_F(KvWatchRoutesTest, MetricsCountWatches) {
  const auto first = Follow(kEvents);
  const auto second = Follow(kEvents);
  EXPECT_THAT(Get("/metrics").body, HasSubstr("\nskep_kv_watches 2\n"));
}

TEST_F(KvWatchRoutesTest, ClosingTheEngineEndsThem) {
  const auto stream = Follow(kEvents);
  Said(*stream);
  engine().Close().value();
  EXPECT_THAT(Said(*stream), ElementsAre("drop"));
  EXPECT_EQ(Get(kEvents).ErrorCode(), "503001");
}

}  // namespace
}  // namespace skep::server
