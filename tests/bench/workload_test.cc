#include "bench/load/workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace skep::bench {
namespace {

using ::testing::ElementsAre;

constexpr char kMark[] = "0123456789abcdef";

std::string Request(const Workload& workload, std::size_t index, std::uint64_t serial = 0) {
  std::string request;
  workload.AppendRequest(index, serial, &request);
  return request;
}

TEST(Workload, EachRequestHasItsFilling) {
  Workload workload;
  workload.fillings = "aabbcc";
  workload.SetFrame("GET /aa HTTP/1.1", "aa");
  EXPECT_EQ(workload.size(), 3u);
  EXPECT_EQ(Request(workload, 0), "GET /aa HTTP/1.1");
  EXPECT_EQ(Request(workload, 2), "GET /cc HTTP/1.1");
}

TEST(Workload, RequestsAreAppended) {
  Workload workload;
  workload.whole = {"first", "second"};
  std::string out;
  workload.AppendRequest(1, 0, &out);
  workload.AppendRequest(0, 0, &out);
  EXPECT_EQ(out, "secondfirst");
}

TEST(Workload, ASerialNumberStandsWhereverTheMarkWas) {
  Workload workload;
  workload.fillings = "xy";
  workload.SetFrame(std::string("POST /x ") + kMark + "," + kMark, "x");
  workload.SetSerials(kMark);
  EXPECT_THAT(workload.serials_at, ElementsAre(8u, 25u));
  EXPECT_EQ(Request(workload, 1, 0x2a), "POST /y 000000000000002a,000000000000002a");
}

TEST(Workload, WholeRequestsHaveSerialNumbers) {
  Workload workload;
  workload.whole = {std::string("a ") + kMark, std::string("b ") + kMark};
  workload.SetSerials(kMark);
  EXPECT_EQ(Request(workload, 1, 1), "b 0000000000000001");
}

TEST(Workload, APollHasRoomForARevisionAtTheEndOfItsTarget) {
  Workload workload;
  workload.AddPoll("GET /a?rev= HTTP/1.1\r\n", "X-Resource-Revision", "7");
  workload.AddPoll("GET /longer?rev= HTTP/1.1\r\n", "X-Resource-Revision", "8");
  EXPECT_EQ(workload.size(), 2u);
  EXPECT_THAT(workload.revisions, ElementsAre("7", "8"));
  std::string second = Request(workload, 1);
  second.insert(workload.revision_at[1], "9");
  EXPECT_EQ(second, "GET /longer?rev=9 HTTP/1.1\r\n");
}

TEST(Workload, OneExpectedAnswerIsThatOfAll) {
  Workload workload;
  workload.whole = {"a", "b"};
  workload.expected = {{.status = 304}};
  EXPECT_EQ(workload.ExpectedFor(1).status, 304);
  workload.expected = {{.status = 200}, {.status = 404}};
  EXPECT_EQ(workload.ExpectedFor(1).status, 404);
}

TEST(Workload, TheFloorAnswers200WithABodyOfThatSize) {
  Workload workload;
  workload.whole = {"a", "b"};
  workload.expected = {{.status = 304, .body_size = 7, .body = "content"}, {}};
  const Workload floor = ForFloor(workload);
  EXPECT_EQ(floor.size(), 2u);
  EXPECT_EQ(floor.ExpectedFor(1).status, 200);
  EXPECT_EQ(floor.ExpectedFor(1).body_size, 7u);
  EXPECT_EQ(floor.ExpectedFor(1).body, "");
}

}  // namespace
}  // namespace skep::bench
