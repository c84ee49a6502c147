// Handlers of the paths about microservices (spec 3). Each is named by what its route does; the
// route table says which.
#ifndef SKEP_SERVER_ROUTES_MICROSERVICE_ROUTES_H_
#define SKEP_SERVER_ROUTES_MICROSERVICE_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void RegisterMicroservice(Call& call);       // 3.1 to 3.4
void ListMicroservices(Call& call);          // 3.5
void GetMicroservice(Call& call);            // 3.6
void DeleteMicroservice(Call& call);         // 3.7
void DeleteMicroservices(Call& call);        // 3.8
void SetMicroserviceProperties(Call& call);  // 3.9
void GetExistence(Call& call);               // 3.10

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_MICROSERVICE_ROUTES_H_
