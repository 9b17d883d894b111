-- Claims, for the scripts that touch them: it is put in front of each. They are 4 bytes each, a second of Unix time,
-- big-endian, one after the other. Those of one second are alike: which of them goes makes no difference.

local function later(claims, since)
    return (string.gsub(claims, '....', function(claim)
        return struct.unpack('>I4', claim) > since and claim or ''
    end))
end

local function without(claims, second)
    local gone = false
    return (string.gsub(claims, '....', function(claim)
        if not gone and struct.unpack('>I4', claim) == second then
            gone = true
            return ''
        end
    end))
end

local function give_back(records, field, second)
    local claims = without(redis.call('HGET', records, field) or '', second)
    if claims == '' then
        redis.call('HDEL', records, field)
    else
        redis.call('HSET', records, field, claims)
    end
end
