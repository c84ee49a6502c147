#include "server/routes/route_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/routes/path.h"

namespace skep::server {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Row(const Route& route) {
  std::string row = "| ";
  row.append(VerbName(route.verb)).append(" | `").append(route.path).append("` | ");
  return row.append(route.name).append(" |");
}

// The rows of README.md that begin with a verb, up to the end of their third cell.
std::vector<std::string> ReadmeRows() {
  std::ifstream file(SKEP_SERVER_README);
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.find(" | `/") == std::string::npos) continue;
    std::size_t end = 0;
    for (int bar = 0; bar < 4; ++bar) end = line.find('|', end) + 1;
    rows.push_back(line.substr(0, end));
  }
  return rows;
}

TEST(RouteTable, ReadmeShowsItRowByRow) {
  std::vector<std::string> rows;
  for (const Route& route : RouteTable()) rows.push_back(Row(route));
  ASSERT_THAT(ReadmeRows(), Not(IsEmpty()));
  EXPECT_THAT(ReadmeRows(), ElementsAreArray(rows));
}

TEST(RouteTable, EveryRowIsRoutableAndIsFound) {
  const Router router(RouteTable());
  for (const Route& route : RouteTable()) {
    Path path;
    ASSERT_EQ(path.Split(route.path), PathKind::kGood) << route.path;
    EXPECT_EQ(router.Find(route.verb, path).route, &route) << route.path;
  }
}

TEST(RouteTable, NoRowComesTwice) {
  std::set<std::pair<Verb, std::string_view>> rows;
  for (const Route& route : RouteTable()) {
    EXPECT_TRUE(rows.emplace(route.verb, route.path).second) << route.path;
  }
}

// Clients die of a refused heartbeat, and a dead instance of a refused deregistration.
TEST(RouteTable, HeartbeatsAndDeregistrationsAreNeverShed) {
  for (const Route& route : RouteTable()) {
    const bool vital = route.name == "SendHeartbeat" || route.name == "SendManyHeartbeat" ||
                       route.name == "UnregisterInstance";
    EXPECT_TRUE(!vital || route.priority == Priority::kVital) << route.path;
  }
}

}  // namespace
}  // namespace skep::server
