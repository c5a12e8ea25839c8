#pragma once

#include <string>

#include "common/environment.hpp"
#include "daemon/platform/task.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::lifecycle {

/// How a person deletes, by hand, an item that jackind stored and could not delete: a command where there is one.
std::string mending_command(const secrets::CredentialSource& source);

/// Takes back what an operation stored: deletes the item that it made, or puts back the field that it overwrote. An
/// error always has the remedy by which the person does it. Errors: those of Store::remove and Store::put_back.
Task<> take_out(secrets::Store& store, const secrets::StoredItem& item, const std::string& place_key,
                const Environment& client);

}  // namespace jackin::lifecycle
