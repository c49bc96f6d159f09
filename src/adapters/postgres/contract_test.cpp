#include "adapters/postgres/test_world.h"
#include "ports/contract/relational_contract.h"

namespace gyre::contract {
namespace {

using postgres::PostgresWorld;

GYRE_RELATIONAL_CONTRACT(Postgres, PostgresWorld);

}  // namespace
}  // namespace gyre::contract
