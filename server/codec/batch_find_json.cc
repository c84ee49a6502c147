#include "server/codec/batch_find_json.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "server/codec/ascii_case.h"
#include "server/codec/error_json.h"
#include "server/codec/instance_memo.h"
#include "server/codec/json_list.h"
#include "server/codec/json_writer.h"
#include "server/codec/registry_json_reader.h"

namespace skep::server {
namespace {

bool Is(std::string_view name, std::string_view known) { return EqualsIgnoringCase(name, known); }

bool ReadServiceKey(const JsonValue& value, FindQuery* out) {
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    if (Is(name, "environment")) return member.Read(&out->environment);
    if (Is(name, "appId")) return member.Read(&out->app_id);
    if (Is(name, "serviceName")) return member.Read(&out->name);
    return true;
  });
}

bool ReadInstanceKey(const JsonValue& value, InstanceQuery* out) {
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    std::string_view id;
    if (Is(name, "serviceId")) {
      if (!member.Read(&id)) return false;
      out->service_id = ServiceIdView(id);
    } else if (Is(name, "instanceId")) {
      if (!member.Read(&id)) return false;
      out->instance_id = InstanceIdView(id);
    }
    return true;
  });
}

// {"service":{...},"rev":"..."}, or the same of an instance: `key` says which, `read` reads it.
template <class Query, class F>
bool ReadElements(const JsonValue& value, std::string_view key, std::vector<Query>* out, F read) {
  out->clear();
  return value.ForEachElement([&](const JsonValue& element) {
    Query query;
    bool has_key = false;
    const bool good = element.ForEachMember([&](std::string_view name, const JsonValue& member) {
      if (Is(name, key)) {
        has_key = !member.IsNull();
        return read(member, &query);
      }
      return Is(name, "rev") ? member.Read(&query.known) : true;
    });
    out->push_back(query);
    return good && (has_key || element.Expected(key));
  });
}

// The errors of one code share the first one's text.
struct Failures {
  Error error;
  std::vector<std::size_t> indexes;
};

std::vector<Failures> GroupFailures(std::span<const Result<FindResult>> results) {
  std::vector<Failures> groups;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].ok()) continue;
    const Error error = ToWireError(results[i].error());
    auto group = std::ranges::find(groups, error.code(),
                                   [](const Failures& failures) { return failures.error.code(); });
    if (group == groups.end()) group = groups.insert(group, {error, {}});
    group->indexes.push_back(i);
  }
  return groups;
}

void AddIndexes(JsonObject* object, std::string_view name, std::span<const std::size_t> indexes,
                std::string* out) {
  List(object, name, indexes, out,
       [out](std::size_t index) { AppendDecimal(static_cast<std::int64_t>(index), out); });
}

void AppendFailures(const Failures& failures, std::string* out) {
  JsonObject group(out);
  AddIndexes(&group, "indexes", failures.indexes, out);
  group.Key("error");
  // Wire compatibility: the detail says the message once more.
  AppendError(Error(failures.error.code(), ErrorText(failures.error)), out);
}

// {"index":0,"rev":"...","instances":[...]}: the list's own body without its braces is the last
// member.
void AppendUpdated(std::size_t index, const FindResult& found, BatchFindBody* out) {
  std::string& text = out->text;
  text += "{\"index\":";
  AppendDecimal(static_cast<std::int64_t>(index), &text);
  text += ",\"rev\":";
  AppendJsonString(found.version().str(), &text);
  InstancesBody body = MakeInstancesBody(found);
  const std::string_view whole = body.shared != nullptr ? *body.shared : std::string_view(body.own);
  const std::string_view member = whole.substr(1, whole.size() - 2);
  if (!member.empty()) text += ',';
  if (body.shared != nullptr) {
    out->lists.push_back({text.size(), member, std::move(body.shared)});
  } else {
    text += member;
  }
  text += '}';
}

void AppendSection(std::span<const Result<FindResult>> results, BatchFindBody* out) {
  std::string& text = out->text;
  JsonObject section(&text);
  List(&section, "failed", GroupFailures(results), &text,
       [&text](const Failures& group) { AppendFailures(group, &text); });
  std::vector<std::size_t> unchanged;
  std::vector<std::size_t> updated;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].ok()) (results[i]->not_modified() ? unchanged : updated).push_back(i);
  }
  AddIndexes(&section, "notModified", unchanged, &text);
  List(&section, "updated", updated, &text,
       [&](std::size_t index) { AppendUpdated(index, *results[index], out); });
}

}  // namespace

Result<BatchFindRequest> ReadBatchFind(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return UnmarshalError(root.error());
  BatchFindRequest request;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (Is(name, "services")) {
      return ReadElements(member, "service", &request.services, ReadServiceKey);
    }
    if (Is(name, "instances")) {
      return ReadElements(member, "instance", &request.instances, ReadInstanceKey);
    }
    return true;
  });
  if (!good) return UnmarshalError(reader.TypeError());
  return request;
}

BatchFindBody MakeBatchFindBody(const BatchFound& found) {
  BatchFindBody body;
  {
    JsonObject object(&body.text);
    if (!found.services.empty()) {
      object.Key("services");
      AppendSection(found.services, &body);
    }
    if (!found.instances.empty()) {
      object.Key("instances");
      AppendSection(found.instances, &body);
    }
  }
  return body;
}

}  // namespace skep::server
