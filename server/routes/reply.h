// Filling in replies: the few shapes that all answers of this API have (spec 1.9, 1.11).
#ifndef SKEP_SERVER_ROUTES_REPLY_H_
#define SKEP_SERVER_ROUTES_REPLY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "server/codec/error_json.h"
#include "server/codec/instance_memo.h"
#include "server/routes/call.h"
#include "server/transport/http_message.h"
#include "skep/error.h"
#include "skep/log.h"
#include "skep/registry/discovery.h"
#include "skep/result.h"
#include "skep/revision.h"

namespace skep::server {

inline constexpr std::string_view kJsonType = "application/json; charset=UTF-8";
inline constexpr std::string_view kKieJsonType = "application/json";
inline constexpr std::string_view kEmptyType = "text/plain; charset=UTF-8";
inline constexpr std::string_view kTextType = "text/plain; charset=utf-8";

/// Spelled so that clients which compare case find it.
inline constexpr std::string_view kRevisionField = "X-Resource-Revision";
inline constexpr std::string_view kKieRevisionField = "X-Kie-Revision";

inline constexpr std::string_view kGzipCoding = "gzip";

/// 200 without a payload.
void FillEmpty(HttpReply* reply);

/// 200 with JSON, typed as the configuration center does.
std::string* FillKieJson(HttpReply* reply);

/// Plain text.
void FillText(std::uint16_t status, std::string_view text, HttpReply* reply);

/// Plain text, typed as the configuration center does.
void FillKieText(std::uint16_t status, std::string_view text, HttpReply* reply);

/// 404 as the reference's router has it.
void FillNotFound(HttpReply* reply);

/// 200 with JSON, typed as the registry does; returns the body to append to.
std::string* FillJson(HttpReply* reply);

/// An error's body and status, as that API has them. One that has no number on the wire is logged.
void FillError(const Error& error, Api api, const LogSink& log, HttpReply* reply);

/// Answers with an error, once the change that it rests on is durable.
void AnswerError(Call& call, const Error& error);

/// Says in a header that lists may hold instances that have not been heard of in time; nothing
/// while expiry protection is off.
void AddProtectionField(Call& call);

/// The list, or 304 where it is what the client knows.
void AnswerInstances(Call& call, const FindResult& found);

/// What the client reads beside plain text.
Coding AcceptedCoding(const Call& call);

/// Packs the body where the client accepts gzip and it is worth it (spec 1.5; codec/gzip.h has the
/// limits). One that is made while it is sent stays as it is.
void Pack(const ClientFields& fields, HttpReply* reply);

/// Turns a reply that is larger than a reply may be into that error. One that is made while it is
/// sent looks to its limit itself (sliced_reply.h).
void LimitReply(const ServerContext& context, Api api, HttpReply* reply);

/// An empty 200 once the change is durable, or the error. The last thing that a handler does.
void AnswerChange(Call& call, const Result<Revision>& changed);

/// Lets the reply, which is filled in, go out when `revision` is durable: with this call where it
/// is already, else later. Where it cannot become durable, the reply turns into that error. Must be
/// the last thing that a handler does.
void SendWhenDurable(Call& call, Revision revision);

/// The same for who answers later, on whatever thread.
void SendWhenDurable(Engine& engine, Revision revision, Api api, const LogSink& log,
                     HttpReply reply, std::shared_ptr<DeferredReply> deferred);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_REPLY_H_
