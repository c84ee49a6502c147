#include "server/codec/registry_json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "server/codec/registry_json.h"
#include "skep/registry/errors.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using skep::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;

Result<ServiceRegistration> ReadService(std::string_view body) {
  JsonReader reader;
  return ReadServiceRegistration(reader, body);
}

Result<InstanceSpec> ReadInstance(std::string_view body) {
  JsonReader reader;
  return ReadInstanceRegistration(reader, body);
}

TEST(ReadServiceRegistration, TagsAndRules) {
  const auto read = ReadService(
      R"({"service":{"serviceName":"cart"},"tags":{"a":"x"},"rules":[)"
      R"({"ruleType":"BLACK","attribute":"AppId","pattern":"^x$","description":"d","ruleId":"7"},)"
      R"({"RuleType":"WHITE","Attribute":"tag_a","Pattern":"y"}]})");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->tags, (Properties{{"a", "x"}}));
  ASSERT_TRUE(read->rules.has_value());
  ASSERT_THAT(*read->rules, SizeIs(2));
  EXPECT_EQ(read->rules->at(0).type, RuleType::kBlack);
  EXPECT_EQ(read->rules->at(0).attribute, "AppId");
  EXPECT_EQ(read->rules->at(0).pattern, "^x$");
  EXPECT_EQ(read->rules->at(0).description, "d");
  EXPECT_EQ(read->rules->at(0).id, "7");
  EXPECT_EQ(read->rules->at(1).type, RuleType::kWhite);
  EXPECT_EQ(read->rules->at(1).attribute, "tag_a");
}

TEST(ReadServiceRegistration, NoTagsAreNotEmptyTags) {
  const auto absent = ReadService(R"({"service":{"serviceName":"c"},"tags":null,"rules":null})");
  EXPECT_FALSE(absent->tags.has_value());
  EXPECT_FALSE(absent->rules.has_value());
  const auto empty = ReadService(R"({"service":{"serviceName":"c"},"tags":{},"rules":[]})");
  EXPECT_TRUE(empty->tags.has_value());
  EXPECT_TRUE(empty->rules.has_value());
}

TEST(ReadServiceRegistration, BadRulesSpoilTheBody) {
  for (const std::string_view rules : {"{}", "[1]", "[null]", R"([{"ruleType":"GREY"}])",
                                       R"([{"pattern":1}])", R"([{"ruleId":7}])"}) {
    EXPECT_THAT(
        ReadService(R"({"service":{"serviceName":"c"},"rules":)" + std::string(rules) + "}"),
        ErrorIs(RegistryErrc::kInvalidParams))
        << rules;
  }
}

// What the encoder writes is read back as the same record.
TEST(ReadServiceRegistration, AllMembers) {
  const std::string_view service =
      R"({"serviceId":"s1","appId":"shop","serviceName":"cart","version":"1.0.0",)"
      R"("description":"d","level":"MIDDLE","schemas":["a","b"],)"
      R"("paths":[{"path":"/x","property":{"k":"v"}}],"status":"DOWN","properties":{"a":"1"},)"
      R"("providers":[{"tenant":"t","environment":"e","appId":"shop","serviceName":"pay",)"
      R"("alias":"p","version":"2"}],"alias":"c","LBStrategy":{"s":"r"},)"
      R"("environment":"production","registerBy":"SDK","framework":{"name":"n","version":"3"}})";
  const auto read = ReadService(R"({"service":)" + std::string(service) + "}");
  ASSERT_THAT(read, IsOk());
  std::string written;
  AppendMicroservice(read->service, &written);
  EXPECT_EQ(written, service);
}

TEST(ReadServiceRegistration, NamesOfMembersMatchWhateverTheirCase) {
  const auto read = ReadService(R"({"SERVICE":{"servicename":"cart","APPID":"shop",)"
                                R"("Paths":[{"Path":"/x","Property":{"K":"v"}}],)"
                                R"("lbstrategy":{"a":"b"}}})");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->service.name, "cart");
  EXPECT_EQ(read->service.app_id, "shop");
  EXPECT_EQ(read->service.paths.at(0).path, "/x");
  EXPECT_THAT(read->service.paths.at(0).property, ElementsAre(Pair("K", "v")));
  EXPECT_THAT(read->service.lb_strategy, ElementsAre(Pair("a", "b")));
}

TEST(ReadServiceRegistration, UnknownMembersAndTimestampsArePassedOver) {
  const auto read = ReadService(
      R"({"x":[{}],"service":{"serviceName":"cart","colour":{"a":[1,2]},"timestamp":7}})");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->service.name, "cart");
}

TEST(ReadServiceRegistration, NullMembersAreUnset) {
  const auto read = ReadService(
      R"({"service":{"serviceName":"cart","level":null,"status":null,"schemas":null,"paths":null,)"
      R"("properties":null,"providers":null,"framework":null,"serviceId":null},)"
      R"("rules":null,"tags":null,"instances":null})");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->service.level, ServiceLevel::kUnset);
  EXPECT_EQ(read->service.status, ServiceStatus::kUnset);
  EXPECT_FALSE(read->service.framework.has_value());
  EXPECT_THAT(read->instances, IsEmpty());
}

TEST(ReadServiceRegistration, LastOfEqualMembersCounts) {
  EXPECT_EQ(ReadService(R"({"service":{"serviceName":"one","serviceName":"two"}})")->service.name,
            "two");
  const auto read = ReadService(
      R"({"service":{"serviceName":"one","alias":"a"},"service":{"serviceName":"two"}})");
  EXPECT_EQ(read->service.name, "two");
  EXPECT_EQ(read->service.alias, "");
}

TEST(ReadServiceRegistration, InstancesComeAlong) {
  const auto read = ReadService(
      R"({"service":{"serviceName":"cart"},"instances":[{"hostName":"h1"},{"hostName":"h2"}],)"
      R"("rules":[{"ruleType":"BLACK"}],"tags":{"a":"b"}})");
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->instances.size(), 2u);
  EXPECT_EQ(read->instances[1].host, "h2");
}

TEST(ReadServiceRegistration, BodyWithoutAServiceIsRefused) {
  for (const std::string_view body : {"{}", "null", R"({"service":null})", R"({"services":{}})"}) {
    EXPECT_THAT(ReadService(body),
                ErrorIs(RegistryErrc::kInvalidParams, StartsWith("Request body is empty")))
        << body;
  }
}

TEST(ReadServiceRegistration, WrongTypesAreRefused) {
  for (const std::string_view body :
       {"", "[]", R"({"service":[]})", R"({"service":"cart"})", R"({"service":{"serviceName":1}})",
        R"({"service":{"properties":{"a":1}}})", R"({"service":{"schemas":"a"}})",
        R"({"service":{"paths":[1]}})", R"({"service":{"providers":{}}})",
        R"({"service":{"framework":"f"}})", R"({"service":{"serviceName":"a"},"tags":["a"]})",
        R"({"service":{"serviceName":"a"},"rules":{}})",
        R"({"service":{"serviceName":"a"},"instances":{}})",
        R"({"service":{"serviceName":"a"},"instances":[null]})"}) {
    EXPECT_THAT(ReadService(body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
}

TEST(ReadServiceRegistration, UnknownWordsAreRefused) {
  EXPECT_THAT(ReadService(R"({"service":{"level":"TOP"}})"),
              ErrorIs(RegistryErrc::kInvalidParams,
                      HasSubstr("'level': expected one of FRONT, MIDDLE, BACK")));
  EXPECT_THAT(ReadService(R"({"service":{"status":"up"}})"),
              ErrorIs(RegistryErrc::kInvalidParams, HasSubstr("'status'")));
}

TEST(ReadInstanceRegistration, AllMembers) {
  const auto spec =
      ReadInstance(R"({"instance":{"instanceId":"own","serviceId":"ignored","hostName":"h",)"
                   R"("endpoints":["e1","e2"],)"
                   R"("status":"TESTING","properties":{"a":"b"},"version":"9","environment":"x",)"
                   R"("healthCheck":{"mode":"pull","port":80,"interval":7,"times":9,"url":"/up"},)"
                   R"("dataCenterInfo":{"name":"dc","region":"r","availableZone":"z"}}})");
  ASSERT_THAT(spec, IsOk());
  EXPECT_EQ(spec->id, InstanceId("own"));
  EXPECT_EQ(spec->host, "h");
  EXPECT_THAT(spec->endpoints, ElementsAre("e1", "e2"));
  EXPECT_EQ(spec->status, InstanceStatus::kTesting);
  EXPECT_THAT(spec->properties, ElementsAre(Pair("a", "b")));
  ASSERT_TRUE(spec->health_check.has_value());
  EXPECT_EQ(spec->health_check->mode, HealthCheckMode::kPull);
  EXPECT_EQ(spec->health_check->port, 80);
  EXPECT_EQ(spec->health_check->interval_s, 7);
  EXPECT_EQ(spec->health_check->times, 9);
  EXPECT_EQ(spec->health_check->url, "/up");
  ASSERT_TRUE(spec->data_center.has_value());
  EXPECT_EQ(spec->data_center->available_zone, "z");
  EXPECT_EQ(spec->lease, LeaseMode::kHeartbeat);
}

TEST(ReadInstanceRegistration, NullMembersAreUnset) {
  const auto spec = ReadInstance(
      R"({"instance":{"hostName":"h","properties":null,"healthCheck":null,"dataCenterInfo":null,)"
      R"("status":null,"instanceId":null,"endpoints":null}})");
  ASSERT_THAT(spec, IsOk());
  EXPECT_TRUE(spec->id.empty());
  EXPECT_EQ(spec->status, InstanceStatus::kUnset);
  EXPECT_FALSE(spec->health_check.has_value());
  EXPECT_FALSE(spec->data_center.has_value());
}

// The API's default interval is for a missing health check only.
TEST(ReadInstanceRegistration, HealthCheckHasNoDefaultsOfItsOwn) {
  const auto spec = ReadInstance(R"({"instance":{"healthCheck":{"mode":"push"}}})");
  ASSERT_THAT(spec, IsOk());
  EXPECT_EQ(spec->health_check->interval_s, 0);
  EXPECT_EQ(spec->health_check->times, 0);
}

TEST(ReadInstanceRegistration, WhatIsWrongIsAnUnmarshalError) {
  for (const std::string_view body :
       {"", "hello", R"({"instance":{)", R"({"instance":[]})", R"({"instance":{"endpoints":"e"}})",
        R"({"instance":{"properties":{"a":1}}})", R"({"instance":{"status":"ON"}})",
        R"({"instance":{"healthCheck":{}}})", R"({"instance":{"healthCheck":{"mode":"poll"}}})",
        R"({"instance":{"healthCheck":{"mode":null}}})",
        R"({"instance":{"healthCheck":{"mode":"push","interval":"30"}}})",
        R"({"instance":{"healthCheck":{"mode":"push","interval":30.5}}})",
        R"({"instance":{"dataCenterInfo":[]}})", "{\"instance\":{\"hostName\":\"\xff\"}}",
        R"({"instance":{"hostName":"\ud800"}})"}) {
    EXPECT_THAT(ReadInstance(body),
                ErrorIs(RegistryErrc::kInvalidParams, StartsWith("Unmarshal error")))
        << body;
  }
}

TEST(ReadInstanceRegistration, BodyWithoutAnInstanceIsRefused) {
  for (const std::string_view body : {"{}", R"({"instance":null})"}) {
    EXPECT_THAT(ReadInstance(body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
}

class ReadHeartbeatSetTest : public ::testing::Test {
 protected:
  Result<std::vector<HeartbeatEntry>> Read(std::string_view body) {
    return ReadHeartbeatSet(reader_, body);
  }
  std::string Names(std::string_view body) {
    std::string names;
    const std::vector<HeartbeatEntry> entries = Read(body).value();
    for (const HeartbeatEntry& entry : entries) {
      names.append(entry.service_id).append("/").append(entry.instance_id).append(" ");
    }
    return names;
  }

 private:
  JsonReader reader_;
};

TEST_F(ReadHeartbeatSetTest, EntriesInOrderEachOnce) {
  EXPECT_EQ(Names(R"({"instances":[{"serviceId":"s","instanceId":"b"},)"
                  R"({"serviceId":"s","instanceId":"a"},{"instanceId":"b","serviceId":"s"},)"
                  R"({"serviceId":"t","instanceId":"b"},{}]})"),
            "s/b s/a t/b / ");
}

TEST_F(ReadHeartbeatSetTest, ManyEntriesEachOnce) {
  std::string body = R"({"instances":[)";
  for (int i = 0; i < 3000; ++i) {
    body += R"({"serviceId":"s","instanceId":")" + std::to_string(i % 1000) + "\"},";
  }
  body.back() = ']';
  const auto entries = Read(body + "}");
  ASSERT_THAT(entries, IsOk());
  ASSERT_EQ(entries->size(), 1000u);
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(entries->at(i).instance_id, std::to_string(i));
  }
}

TEST_F(ReadHeartbeatSetTest, NothingToBeatIsRefused) {
  for (const std::string_view body :
       {"{}", "null", R"({"instances":[]})", R"({"instances":null})"}) {
    EXPECT_THAT(Read(body), ErrorIs(RegistryErrc::kInvalidParams, "Request format invalid."))
        << body;
  }
}

TEST_F(ReadHeartbeatSetTest, NullAndWrongTypesAreRefused) {
  for (const std::string_view body :
       {"", R"({"instances":[null]})", R"({"instances":{}})", R"({"instances":["a"]})",
        R"({"instances":[{"serviceId":1}]})"}) {
    EXPECT_THAT(Read(body), ErrorIs(RegistryErrc::kInvalidParams, StartsWith("Unmarshal error")))
        << body;
  }
}

}  // namespace
}  // namespace skep::server
