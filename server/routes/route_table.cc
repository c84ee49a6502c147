#include "server/routes/route_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "server/routes/admin_routes.h"
#include "server/routes/batch_find_routes.h"
#include "server/routes/config_v3_routes.h"
#include "server/routes/dependency_routes.h"
#include "server/routes/dump_routes.h"
#include "server/routes/govern_routes.h"
#include "server/routes/instance_change_routes.h"
#include "server/routes/instance_routes.h"
#include "server/routes/kie_routes.h"
#include "server/routes/kv_file_routes.h"
#include "server/routes/kv_routes.h"
#include "server/routes/kv_watch_routes.h"
#include "server/routes/microservice_routes.h"
#include "server/routes/monitor_routes.h"
#include "server/routes/policy_routes.h"
#include "server/routes/schema_routes.h"
#include "server/routes/system_routes.h"
#include "server/routes/tag_routes.h"
#include "server/routes/v3_alias.h"
#include "server/routes/watch_routes.h"

namespace skep::server {
namespace {

constexpr auto kGet = Verb::kGet;
constexpr auto kPut = Verb::kPut;
constexpr auto kPost = Verb::kPost;
constexpr auto kDelete = Verb::kDelete;
constexpr auto kEveryone = Permission::kEveryone;
constexpr auto kService = Permission::kService;
constexpr auto kOperator = Permission::kOperator;
constexpr auto kConfig = Permission::kConfig;
constexpr auto kKie = Scope::kKie;
constexpr auto kVital = Priority::kVital;
constexpr auto kWrite = Priority::kWrite;
constexpr auto kFind = Priority::kFind;
constexpr auto kList = Priority::kList;
constexpr auto kBulk = Priority::kBulk;

constexpr std::size_t kInstanceBodyMax = 5 * 1024;
constexpr std::size_t kPropertiesBodyMax = 3 * 1024;
constexpr std::size_t kMetricBodyMax = 64 * 1024;
// Twice what a spec may have as an item's value: it is read as a tree, many times its text.
constexpr std::size_t kPolicyBodyMax = 256 * 1024;

// Paths under one project.
#define SKEP_V4 "/v4/{project}/registry"
#define SKEP_GOVERN "/v4/{project}/govern"
#define SKEP_SERVICES SKEP_V4 "/microservices"
#define SKEP_INSTANCES SKEP_SERVICES "/{serviceId}/instances"
#define SKEP_TAGS SKEP_SERVICES "/{serviceId}/tags"
#define SKEP_SCHEMAS SKEP_SERVICES "/{serviceId}/schemas"
#define SKEP_KIE "/v1/{project}/kie"
#define SKEP_POLICIES "/v1/{project}/gov/{kind}"

// Of one length, what is asked for most comes first.
constexpr Route kRoutes[] = {
    {kPut, SKEP_INSTANCES "/{instanceId}/heartbeat", "SendHeartbeat", Heartbeat, kService, kVital},
    {kGet, SKEP_V4 "/instances", "FindInstances", FindInstances, kService, kFind},
    {kPut, SKEP_V4 "/heartbeats", "SendManyHeartbeat", HeartbeatSet, kService, kVital},
    {kGet, SKEP_SERVICES "/{serviceId}", "GetService", GetMicroservice, kService, kFind},
    {kDelete, SKEP_SERVICES "/{serviceId}", "UnregisterService", DeleteMicroservice, kService,
     kWrite},
    {kGet, SKEP_INSTANCES, "ListInstance", ListInstances, kService, kFind},
    {kPost, SKEP_INSTANCES, "RegisterInstance", RegisterInstance, kService, kWrite,
     kInstanceBodyMax},
    {kGet, SKEP_INSTANCES "/{instanceId}", "GetInstance", GetInstance, kService, kFind},
    {kDelete, SKEP_INSTANCES "/{instanceId}", "UnregisterInstance", UnregisterInstance, kService,
     kVital},
    {kPut, SKEP_INSTANCES "/{instanceId}/status", "UpdateStatus", SetInstanceStatus, kService,
     kWrite},
    {kPut, SKEP_INSTANCES "/{instanceId}/properties", "UpdateInstanceProperties",
     SetInstanceProperties, kService, kWrite, kPropertiesBodyMax},
    {kPost, SKEP_V4 "/instances/action", "BatchFindInstances", BatchFind, kService, kFind},
    {kPut, SKEP_V4 "/instances/status", "UpdateManyStatus", SetStatusWhere, kService, kWrite},
    {kPost, SKEP_V4 "/dependencies", "AddDependencies", AddDependencies, kOperator, kWrite},
    {kPut, SKEP_V4 "/dependencies", "OverrideDependencies", OverrideDependencies, kOperator,
     kWrite},
    {kGet, SKEP_SERVICES "/{serviceId}/providers", "GetConProDependencies", ListProviders, kService,
     kList},
    {kGet, SKEP_SERVICES "/{serviceId}/consumers", "GetProConDependencies", ListConsumers, kService,
     kList},
    {kGet, "/v4/{project}/admin/alarms", "AlarmList", ListAlarms, kOperator, kList},
    {kDelete, "/v4/{project}/admin/alarms", "ClearAlarm", ClearAlarms, kOperator, kWrite},
    {kGet, "/v4/{project}/admin/clusters", "Clusters", ListClusters, kOperator, kList},
    {kPost, "/v2/{project}/csemonitor/metric", "ReportMetrics", ReportMetrics, kService, kList,
     kMetricBodyMax},
    {kGet, SKEP_V4 "/existence", "ResourceExist", GetExistence, kService, kFind},
    {kPost, SKEP_SERVICES, "RegisterService", RegisterMicroservice, kService, kWrite},
    {kGet, SKEP_SERVICES, "ListService", ListMicroservices, kService, kList},
    {kDelete, SKEP_SERVICES, "UnregisterServices", DeleteMicroservices, kService, kWrite},
    {kPut, SKEP_SERVICES "/{serviceId}/properties", "UpdateServiceProperties",
     SetMicroserviceProperties, kService, kWrite, kPropertiesBodyMax},
    {kPost, SKEP_TAGS, "AddTags", ReplaceTags, kService, kWrite},
    {kGet, SKEP_TAGS, "GetTags", GetTags, kService, kFind},
    {kPut, SKEP_TAGS "/{key}", "UpdateTag", SetTag, kService, kWrite},
    {kDelete, SKEP_TAGS "/{key}", "DeleteTags", DeleteTags, kService, kWrite},
    {kPost, SKEP_SCHEMAS, "ModifySchemas", ReplaceSchemas, kService, kWrite},
    {kGet, SKEP_SCHEMAS, "GetAllSchemas", ListSchemas, kService, kList},
    {kGet, SKEP_SCHEMAS "/{schemaId}", "GetSchema", GetSchema, kService, kFind},
    {kPut, SKEP_SCHEMAS "/{schemaId}", "ModifySchema", PutSchema, kService, kWrite},
    {kDelete, SKEP_SCHEMAS "/{schemaId}", "DeleteSchema", DeleteSchema, kService, kWrite},
    {kGet, SKEP_SERVICES "/{serviceId}/watcher", "Watch", WatchProviders, kService, kVital},
    {kGet, SKEP_INSTANCES "/{instanceId}/heartbeat", "HeartbeatSocket", ServeHeartbeatSocket,
     kService, kVital},
    {kGet, SKEP_V4 "/events", "StreamEvents", StreamEvents, kService, kList},
    {kGet, SKEP_GOVERN "/microservices/{serviceId}", "GetServiceDetail", GetServiceDetail, kService,
     kList},
    {kGet, SKEP_GOVERN "/microservices", "ListServiceDetail", ListServiceDetails, kService, kBulk},
    {kGet, SKEP_GOVERN "/relations", "Draw", GetRelations, kService, kBulk},
    {kGet, SKEP_GOVERN "/apps", "ListApp", ListApps, kService, kList},
    {kGet, SKEP_GOVERN "/statistics", "GetOverview", GetStatistics, kService, kList},
    {kGet, "/v4/{project}/admin/dump", "Dump", GetDump, kOperator, kBulk},
    {kGet, SKEP_V4 "/version", "GetVersion", GetVersion, kEveryone, kVital},
    {kGet, SKEP_V4 "/health", "ClusterHealth", GetHealth, kEveryone, kVital},
    {kGet, SKEP_V4 "/health/readiness", "Readiness", GetReadiness, kEveryone, kVital},
    {kGet, "/version", "GetVersion", GetShortVersion, kEveryone, kVital},
    {kGet, "/health", "ClusterHealth", GetHealth, kEveryone, kVital},
    {kGet, "/metrics", "GetMetrics", GetMetrics, kEveryone, kVital},
    {kPost, "/skep/v1/clock", "AdvanceClock", AdvanceClock, kOperator, kVital},
    {kGet, SKEP_KIE "/kv", "ListKvs", ListKvs, kConfig, kFind, 0, kKie},
    {kPost, SKEP_KIE "/kv", "CreateKv", CreateKv, kConfig, kWrite, 0, kKie, kJsonOrYaml,
     kJsonOrYaml},
    {kDelete, SKEP_KIE "/kv", "DeleteKvs", DeleteKvs, kConfig, kWrite, 0, kKie, kJsonOnly},
    {kGet, SKEP_KIE "/kv/{kvId}", "GetKv", GetKv, kConfig, kFind, 0, kKie},
    {kPut, SKEP_KIE "/kv/{kvId}", "UpdateKv", UpdateKv, kConfig, kWrite, 0, kKie, kJsonOrYaml,
     kJsonOrYaml},
    {kDelete, SKEP_KIE "/kv/{kvId}", "DeleteKv", DeleteKv, kConfig, kWrite, 0, kKie, kAnyMedia,
     kAnyMedia},
    {kGet, SKEP_KIE "/revision/{kvId}", "GetKvHistory", GetKvHistory, kConfig, kList, 0, kKie,
     kJsonOnly},
    {kPost, SKEP_KIE "/file", "ImportKvs", ImportKvs, kConfig, kWrite, kImportBody, kKie,
     kJsonYamlOrForm, kJsonOrYaml},
    {kPost, SKEP_KIE "/download", "ExportKvs", ExportKvs, kConfig, kBulk, 0, kKie, kJsonOnly},
    {kGet, SKEP_KIE "/events", "StreamKvEvents", StreamKvEvents, kConfig, kList, 0, kKie, kAnyMedia,
     kAnyMedia},
    {kGet, SKEP_KIE "/track", "ListPolls", ListPolls, kConfig, kBulk, 0, kKie, kJsonOnly},
    {kGet, SKEP_POLICIES, "ListPolicies", ListPolicies, kConfig, kList},
    {kPost, SKEP_POLICIES, "CreatePolicy", CreatePolicy, kConfig, kWrite, kPolicyBodyMax},
    {kGet, SKEP_POLICIES "/{id}", "GetPolicy", GetPolicy, kConfig, kFind},
    {kPut, SKEP_POLICIES "/{id}", "UpdatePolicy", UpdatePolicy, kConfig, kWrite, kPolicyBodyMax},
    {kDelete, SKEP_POLICIES "/{id}", "DeletePolicy", DeletePolicy, kConfig, kWrite},
    {kGet, "/v3/{project}/configuration/items", "GetDimensions", GetDimensions, kConfig, kFind},
    {kGet, "/v3/{project}/configuration/health", "GetConfigHealth", GetConfigV3Health, kEveryone,
     kVital},
    {kGet, "/v1/health", "GetKieHealth", GetKieHealth, kEveryone, kVital, 0, kKie, kJsonOnly},
};

#undef SKEP_POLICIES
#undef SKEP_KIE
#undef SKEP_SCHEMAS
#undef SKEP_TAGS
#undef SKEP_INSTANCES
#undef SKEP_SERVICES
#undef SKEP_GOVERN
#undef SKEP_V4

// The v3 paths come last, so that they cost the others nothing.
constexpr std::size_t kAliases =
    static_cast<std::size_t>(std::count_if(std::begin(kRoutes), std::end(kRoutes), HasV3Alias));
constexpr std::array<AliasPath, kAliases> kAliasPaths = AliasPaths<kAliases>(kRoutes);
constexpr auto kAllRoutes = WithAliases(kRoutes, kAliasPaths);

}  // namespace

std::span<const Route> RouteTable() { return kAllRoutes; }

}  // namespace skep::server
