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
  for (const Route& route : RouteTable()) {
    if (route.scope != Scope::kV3) rows.push_back(Row(route));
  }
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

std::set<std::string> V3Rows() {
  std::set<std::string> rows;
  for (const Route& route : RouteTable()) {
    if (route.scope != Scope::kV3) continue;
    rows.insert(std::string(VerbName(route.verb)) + " " + std::string(route.path));
  }
  return rows;
}

TEST(RouteTable, OldClientsFindTheirPaths) {
  const std::set<std::string> rows = V3Rows();
  const std::string service = "/registry/v3/microservices/{serviceId}";
  const std::string instance = service + "/instances/{instanceId}";
  for (const std::string& row :
       {std::string("GET /registry/v3/existence"), std::string("GET /registry/v3/instances"),
        std::string("PUT /registry/v3/heartbeats"), std::string("GET /registry/v3/microservices"),
        std::string("POST /registry/v3/microservices"), "DELETE " + service, "GET " + service,
        "GET " + service + "/watcher", "POST " + service + "/instances",
        "PUT " + instance + "/heartbeat", "PUT " + instance + "/status", "DELETE " + instance}) {
    EXPECT_TRUE(rows.contains(row)) << row;
  }
}

// Spec 17 names what v3 never had.
TEST(RouteTable, OldPathsAreNoMoreThanTheyWere) {
  for (const std::string& row : V3Rows()) {
    for (const std::string_view never :
         {"/version", "/health", "/instances/action", "v3/instances/status", "/dependencies",
          "/govern", "/admin"}) {
      EXPECT_EQ(row.find(never), std::string::npos) << row;
    }
    const bool socket = row.starts_with("GET ") && row.ends_with("/heartbeat");
    EXPECT_FALSE(socket) << row;
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
