-- Puts one attempt in the state `sending`, if the recipient's record is still what was decided on and each of its
-- limits has a place left, and claims one place under each counter of its limits. One that comes from the outbox must
-- be leased to its worker, and is no longer, afterwards.
-- KEYS  1 the bucket's records   2 the bucket's open attempts   3 its held messages, where the attempt comes from the
--       outbox (all in one slot)
-- ARGV  1 the recipient's field   2 the revision that was decided on   3 attempt id   4 worker   5 sealed detail
--       6 the second that it claims   7, 8, 9 and so on, in threes, a limit: its counter's field, the second up to
--       which claims do not count, and the number of later ones at which no place is left
-- Answer  1 granted, also where this worker has it already; 0 the facts have moved on, or another has it
-- An attempt is `STATE|WORKER|MICROSECONDS|DETAIL`, STATE being s (sending) or d (in doubt).
-- Claims are written as claims.lua says, held messages as hold.lua says.

local attempt = redis.call('HGET', KEYS[2], ARGV[3])
if attempt then
    local state, worker = string.match(attempt, '^(%a)|([^|]*)|')
    return (state == 's' and worker == ARGV[4]) and 1 or 0
end
local now = redis.call('TIME')
local due
if KEYS[3] then
    local held = redis.call('HGET', KEYS[3], ARGV[3]) or ''
    local leased, worker, ends = string.match(held, '^l|(%d+)|([^|]*)|(%d+)$')
    if worker ~= ARGV[4] or tonumber(ends) <= now[1] * 1000000 + now[2] then
        return 0
    end
    due = leased
end
local record = redis.call('HGET', KEYS[1], ARGV[1])
local revision = record and string.match(record, '^%d+') or '0'
if revision ~= ARGV[2] then
    return 0
end
local claims, oldest = {}, {}
for i = 7, #ARGV, 3 do
    local counter, since = ARGV[i], tonumber(ARGV[i + 1])
    claims[counter] = claims[counter] or redis.call('HGET', KEYS[1], counter) or ''
    oldest[counter] = math.min(oldest[counter] or since, since)
    if #later(claims[counter], since) / 4 >= tonumber(ARGV[i + 2]) then
        return 0
    end
end
local fields = ''
for counter, since in pairs(oldest) do
    local claim = struct.pack('>I4', ARGV[6])
    redis.call('HSET', KEYS[1], counter, later(claims[counter], since) .. claim)
    fields = fields .. counter
end
local at = now[1] .. string.format('%06d', now[2])
redis.call('HSET', KEYS[2], ARGV[3], 's|' .. ARGV[4] .. '|' .. at .. '|' .. ARGV[5])
if due then
    redis.call('HSET', KEYS[3], ARGV[3], 's|' .. due .. '|' .. ARGV[4] .. '|' .. ARGV[6] .. '|' .. fields)
end
return 1
