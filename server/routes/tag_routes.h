// Handlers of the paths about tags (spec 4).
#ifndef SKEP_SERVER_ROUTES_TAG_ROUTES_H_
#define SKEP_SERVER_ROUTES_TAG_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void GetTags(Call& call);
void ReplaceTags(Call& call);
void SetTag(Call& call);
void DeleteTags(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_TAG_ROUTES_H_
