#include "registry/core/family_table.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "registry/core/instance_record.h"

namespace skep::core {

// What a find reads comes first, and the key's bytes right behind it: one cache line for most keys.
// Fields change under the shard's Writer, so its mutex or a Reader is enough to look.
struct FamilyTable::Family {
  struct Services {
    std::vector<ServiceRef> by_name;
    std::vector<ServiceRef> by_alias;
    Revision revision;

    const std::vector<ServiceRef>& reached() const { return by_name.empty() ? by_alias : by_name; }
  };

  static Family* Create(const FamilyKey& key, std::uint64_t serial,
                        std::pmr::memory_resource* memory_of) {
    void* memory = memory_of->allocate(BytesOf(key.app_id.size() + key.name.size()), kAlignment);
    auto* family = new (memory) Family;
    family->serial = serial;
    family->tenant = key.tenant;
    family->environment = key.environment;
    family->app_size = static_cast<std::uint16_t>(key.app_id.size());
    family->name_size = static_cast<std::uint16_t>(key.name.size());
    char* bytes = reinterpret_cast<char*>(family + 1);
    std::memcpy(bytes, key.app_id.data(), key.app_id.size());
    std::memcpy(bytes + key.app_id.size(), key.name.data(), key.name.size());
    return family;
  }

  static void Destroy(Family* family, std::pmr::memory_resource* memory_of) {
    if (family->current != nullptr) family->current->whole->Retire();
    const std::size_t bytes = BytesOf(std::size_t{family->app_size} + family->name_size);
    family->~Family();
    memory_of->deallocate(family, bytes, kAlignment);
  }

  static constexpr std::size_t kAlignment = 64;
  static std::size_t BytesOf(std::size_t key_bytes) {
    return (sizeof(Family) + key_bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

  // Moves the revision on. What is returned is current no more, and the caller's to retire.
  const SnapshotStripe* Outdate(Revision now) {
    services->revision = now;
    return std::exchange(current, nullptr);
  }

  void LookForRules() {
    has_rules = std::ranges::any_of(services->reached(),
                                    [](const ServiceRef& service) { return service->has_rules(); });
  }

  bool Is(const FamilyKey& key) const {
    const char* bytes = reinterpret_cast<const char*>(this + 1);
    return tenant == key.tenant && environment == key.environment &&
           std::string_view(bytes, app_size) == key.app_id &&
           std::string_view(bytes + app_size, name_size) == key.name;
  }

  const SnapshotStripe* current = nullptr;  ///< The first of its stripes; null: to be built.
  std::uint64_t serial = 0;
  std::unique_ptr<Services> services = std::make_unique<Services>();
  std::uint32_t tenant = 0;
  std::uint16_t app_size = 0;  ///< Names have at most 160 characters, so 640 bytes.
  std::uint16_t name_size = 0;
  Environment environment = Environment::kEmpty;
  bool has_rules = false;
};

namespace {

std::vector<Instance> Collect(const std::vector<ServiceRef>& services) {
  std::vector<Instance> all;
  for (const ServiceRef& service : services) AppendInstances(*service, &all);
  return all;
}

}  // namespace

FamilyTable::~FamilyTable() {
  std::vector<Family*> all;
  families_.ForEach([&all](Family& family) { all.push_back(&family); });
  for (Family* family : all) Family::Destroy(family, &family_memory_);
}

// REQUIRES: it is current, and stays so until this returns.
SnapshotHandle FamilyTable::Share(const SnapshotStripe* first) const {
  const SnapshotStripe* own = first + (base::ThreadIndex() & stripe_mask_);
  own->Ref();
  return SnapshotHandle(own);
}

std::optional<FamilyTable::Found> FamilyTable::Find(const FamilyKey& key) const {
  const std::uint64_t hash = Hash(hasher_, key);
  std::optional<Found> found;
  bool stale = false;
  const bool there = families_.Read(
      hash, [&key](const Family& family) { return family.Is(key); },
      [&](const Family& family) {
        if (family.current == nullptr) {
          stale = true;
        } else {
          found.emplace(Found{Share(family.current), family.serial, family.has_rules});
        }
      });
  if (there && stale) return FindAtLength(hash, key, nullptr);
  return found;
}

std::optional<FamilyTable::Found> FamilyTable::FindWithMembers(
    const FamilyKey& key, std::vector<ServiceRef>* members) const {
  return FindAtLength(Hash(hasher_, key), key, members);
}

// Builds the list where there is none. Members and list are of one moment.
std::optional<FamilyTable::Found> FamilyTable::FindAtLength(
    std::uint64_t hash, const FamilyKey& key, std::vector<ServiceRef>* members) const {
  std::optional<Found> found;
  families_.ReadAtLength(
      hash, [&key](const Family& family) { return family.Is(key); },
      [&](Family& family, auto&& alone) {
        if (family.current == nullptr) {
          const Family::Services& services = *family.services;
          const SnapshotStripe* built =
              Snapshot::Create(Collect(services.reached()), services.revision, stripe_mask_ + 1,
                               &stripe_memory_, budget_);
          alone([&] { family.current = built; });
        }
        found.emplace(Found{Share(family.current), family.serial, family.has_rules});
        if (members != nullptr) *members = family.services->reached();
      });
  return found;
}

std::vector<ServiceRef> FamilyTable::Members(const FamilyKey& key) const {
  std::vector<ServiceRef> members;
  families_.ReadAtLength(
      Hash(hasher_, key), [&key](const Family& family) { return family.Is(key); },
      [&members](Family& family, auto&&) { members = family.services->reached(); });
  return members;
}

std::optional<MemberBy> FamilyTable::ReachedBy(const FamilyKey& key) const {
  std::optional<MemberBy> by;
  families_.Read(
      Hash(hasher_, key), [&key](const Family& family) { return family.Is(key); },
      [&by](const Family& family) {
        by = family.services->by_name.empty() ? MemberBy::kAlias : MemberBy::kName;
      });
  return by;
}

// Members and revision change in one step, so that no list of other members bears the revision.
void FamilyTable::AddMember(const FamilyKey& key, MemberBy by, const ServiceRef& service,
                            Revision revision) {
  const std::uint64_t hash = Hash(hasher_, key);
  const SnapshotStripe* old = nullptr;
  auto add = [&](Family& family) {
    Family::Services& services = *family.services;
    if (by == MemberBy::kAlias || services.by_name.empty()) family.serial = ++last_serial_;
    (by == MemberBy::kName ? services.by_name : services.by_alias).push_back(service);
    family.LookForRules();
    old = family.Outdate(revision);
  };
  if (!families_.Update(hash, [&key](const Family& family) { return family.Is(key); }, add)) {
    Family* family = Family::Create(key, ++last_serial_, &family_memory_);
    add(*family);
    families_.Insert(hash, family);
  }
  if (old != nullptr) old->whole->Retire();
}

void FamilyTable::RemoveMember(const FamilyKey& key, MemberBy by, const ServiceEntry& service,
                               Revision revision) {
  const std::uint64_t hash = Hash(hasher_, key);
  const SnapshotStripe* old = nullptr;
  bool empty = false;
  families_.Update(
      hash, [&key](const Family& family) { return family.Is(key); },
      [&](Family& family) {
        Family::Services& services = *family.services;
        std::erase_if(by == MemberBy::kName ? services.by_name : services.by_alias,
                      [&](const ServiceRef& member) { return member.get() == &service; });
        // Now aliases count.
        if (services.by_name.empty()) family.serial = ++last_serial_;
        empty = services.reached().empty();
        family.LookForRules();
        old = family.Outdate(revision);
      });
  if (old != nullptr) old->whole->Retire();
  if (!empty) return;
  Family* family = families_.Remove(hash, [&key](const Family& f) { return f.Is(key); });
  if (family != nullptr) Family::Destroy(family, &family_memory_);
}

void FamilyTable::Touch(const FamilyKey& key, Revision revision) {
  const SnapshotStripe* old = nullptr;
  families_.Update(
      Hash(hasher_, key), [&key](const Family& family) { return family.Is(key); },
      [&](Family& family) { old = family.Outdate(revision); });
  if (old != nullptr) old->whole->Retire();
}

void FamilyTable::TouchRules(const FamilyKey& key, Revision revision) {
  const SnapshotStripe* old = nullptr;
  families_.Update(
      Hash(hasher_, key), [&key](const Family& family) { return family.Is(key); },
      [&](Family& family) {
        family.LookForRules();
        old = family.Outdate(revision);
      });
  if (old != nullptr) old->whole->Retire();
}

}  // namespace skep::core
